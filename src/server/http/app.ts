/** The HTTP interface: who may ask what, in which form answers and errors come. */
import { Hono } from "hono";
import type { Context, MiddlewareHandler } from "hono";
import type { ServerContext, ServerEnv } from "./context.ts";
import { accessLog } from "./access-log.ts";
import { docsPage } from "./docs-page.ts";
import { openApi } from "./openapi.ts";
import { guardOrigin } from "./origin.ts";
import { HttpProblem, problemResponse, toProblem } from "./problem.ts";
import { capabilityRoutes, usageRoutes } from "./routes-about.ts";
import { healthRoutes, memoryRoutes, metrics } from "./routes-operator.ts";
import { readRoutes } from "./routes-read.ts";
import { taskRoutes } from "./routes-tasks.ts";
import { ANYBODY } from "./tokens.ts";
import type { Role } from "./tokens.ts";

/** On every answer: nothing of what is sent here is a page, and nobody is to keep or frame it. */
const HEADERS: Readonly<Record<string, string>> = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
};

/** Seconds after which a server that is shutting down may have been replaced. */
const BACK_SOON = 5;

export function createApp(server: ServerContext): Hono<ServerEnv> {
  const { settings, statistics, log, tokens } = server;
  const app = new Hono<ServerEnv>();

  app.use(accessLog(log, settings.accessLog === "on"));
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(HEADERS)) {
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    }
  });
  app.use(guardOrigin(settings.corsOrigins, tokens === undefined));

  app.route("/", healthRoutes(server));
  app.get("/openapi.json", (c) => c.json(openApi()));
  app.get("/docs", () => docsPage());

  const user = allow(server, "user", "operator");
  const operator = allow(server, "operator");
  // The star stands for nothing as well.
  app.use("/v1/tasks/*", user);
  app.use("/v1/read/*", user);
  app.on("POST", ["/v1/tasks", "/v1/read"], takesWork(server));
  app.use("/v1/capabilities/*", user);
  app.use("/v1/usage/*", user);
  app.use("/v1/memory/*", operator);
  app.use("/metrics", allow(server, "operator", "metrics"));

  app.route("/v1/tasks", taskRoutes(server));
  app.route("/v1/read", readRoutes(server));
  app.route("/v1/capabilities", capabilityRoutes(server));
  app.route("/v1/usage", usageRoutes(server));
  app.route("/v1/memory", memoryRoutes(server));
  app.get("/metrics", (c) => metrics(server, c));

  app.notFound((c) => problemResponse(unknownRoute(c.req.method, c.req.path)));
  app.onError((error, c) => {
    const problem = toProblem(error);
    if (problem.status === 500)
      log.error("a request failed", { id: c.get("requestId"), path: c.req.path, error });
    statistics.count("refused", problem.code);
    return problemResponse(unread(c, problem));
  });
  return app;
}

/** A path that is known takes other methods. @returns 405 for those, else 404 */
function unknownRoute(method: string, path: string): HttpProblem {
  for (const [template, methods] of Object.entries(openApi().paths)) {
    const pattern = new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+")}/?$`);
    if (!pattern.test(path)) continue;
    const allowed = Object.keys(methods).map((each) => each.toUpperCase());
    const detail = `${path} takes ${allowed.join(", ")}, not ${method}.`;
    const headers = {
      Allow: [...allowed, ...(allowed.includes("GET") ? ["HEAD"] : [])].join(", "),
    };
    return new HttpProblem(405, "METHOD_NOT_ALLOWED", detail, { headers });
  }
  return new HttpProblem(404, "NOT_FOUND", "There is no such page.");
}

/** A body that nobody reads would keep its sender busy: the connection is closed instead. */
function unread(c: Context<ServerEnv>, problem: HttpProblem): HttpProblem {
  if (c.req.raw.body === null || c.req.raw.bodyUsed) return problem;
  const { status, code, message, options } = problem;
  return new HttpProblem(status, code, message, { ...options, close: true });
}

/** Lets the roles through and remembers who asks. */
function allow(server: ServerContext, ...roles: readonly Role[]): MiddlewareHandler<ServerEnv> {
  const { tokens, rate, settings } = server;
  return async (c, next) => {
    const token = tokens ? tokens.find(c.req.header("Authorization") ?? null) : ANYBODY;
    if (!token) {
      throw new HttpProblem(401, "UNAUTHORIZED", "A valid bearer token is needed.", {
        headers: { "WWW-Authenticate": "Bearer" },
      });
    }
    if (!roles.includes(token.role)) {
      throw new HttpProblem(403, "FORBIDDEN", "This token may not do that.");
    }
    const perMinute = token.limits.requestsPerMinute ?? settings.tokenRequests;
    const retryAfter = rate.take(token.name, perMinute);
    if (retryAfter > 0) {
      const detail = `This token may ask ${perMinute} times a minute.`;
      throw new HttpProblem(429, "TOO_MANY_REQUESTS", detail, { retryAfter });
    }
    c.set("token", token);
    await next();
  };
}

function takesWork({ draining }: ServerContext): MiddlewareHandler<ServerEnv> {
  return async (_c, next) => {
    if (draining.aborted) {
      const detail = "The server is shutting down and takes no new work.";
      throw new HttpProblem(503, "SHUTTING_DOWN", detail, { retryAfter: BACK_SOON });
    }
    await next();
  };
}
