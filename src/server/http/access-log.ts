/** A line for each request, with an id by which its answer, the log and a proxy's log are told together. */
import type { MiddlewareHandler } from "hono";
import type { Log } from "../process/log.ts";
import type { ServerEnv } from "./context.ts";

/** What asks all the time and is asked for nothing. */
const QUIET: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);

/** @param enabled ids are given in any case */
export function accessLog(log: Log, enabled: boolean): MiddlewareHandler<ServerEnv> {
  return async (c, next) => {
    const given = c.req.header("X-Request-Id") ?? "";
    const id = /^[\w.:/+=-]{1,100}$/.test(given) ? given : crypto.randomUUID();
    c.set("requestId", id);
    const since = performance.now();
    await next();
    c.res.headers.set("X-Request-Id", id);
    if (!enabled || QUIET.has(c.req.path)) return;
    log.info("request", {
      id,
      method: c.req.method,
      path: c.req.path,
      status: c.res.status,
      // Until the answer begins: a stream goes on for as long as it likes.
      ms: Math.round(performance.now() - since),
      token: (c.get("token") as { name: string } | undefined)?.name,
    });
  };
}
