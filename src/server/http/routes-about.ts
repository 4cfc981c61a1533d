/** What the server can do, and what a token has used of it. */
import { Hono } from "hono";
import { RESULT_FORMATS } from "../../client/wire.ts";
import { SOFTWARE_VERSION } from "../../output/software.ts";
import type { ServerContext, ServerEnv } from "./context.ts";
import { HttpProblem } from "./problem.ts";

/** Media types of what can be read. */
const INPUTS = [
  "application/pdf",
  "image/png",
  "image/jpeg",
  "image/tiff",
  "image/webp",
  "image/gif",
  "image/bmp",
  "image/avif",
] as const;

export function capabilityRoutes({ settings, engine }: ServerContext): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  app.get("/", (c) => {
    const { backend, workers } = engine.info;
    return c.json({
      version: SOFTWARE_VERSION,
      models: settings.models,
      backend,
      workers,
      inputs: INPUTS,
      formats: RESULT_FORMATS,
      urls: settings.urlHosts.length > 0,
      webhooks: settings.webhookHosts.length > 0,
      limits: {
        bytes: settings.maxBody,
        pages: settings.maxPages,
        pixels: settings.maxPixels,
        milliseconds: settings.taskDeadline,
        read: {
          bytes: settings.readMaxBody,
          pages: settings.readMaxPages,
          milliseconds: settings.readDeadline,
        },
        retention: settings.retention,
      },
    });
  });
  return app;
}

export function usageRoutes({ store, settings }: ServerContext): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  app.get("/", async (c) => {
    const { name, role, limits } = c.get("token");
    const owner = c.req.query("owner") ?? name;
    if (owner !== name && role !== "operator") {
      throw new HttpProblem(403, "FORBIDDEN", "Only operators see the usage of other tokens.");
    }
    const usage = await store.usage(owner);
    const own = owner === name ? limits : {};
    return c.json({
      owner,
      ...usage,
      limits: {
        tasks: own.maxTasks ?? settings.tokenMaxTasks,
        bytes: own.maxBytes ?? settings.tokenMaxBytes,
        requestsPerMinute: own.requestsPerMinute ?? settings.tokenRequests,
      },
    });
  });
  return app;
}
