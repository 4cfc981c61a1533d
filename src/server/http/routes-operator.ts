/** Health, figures and memory. */
import { Hono } from "hono";
import type { Context } from "hono";
import type { MemorySample } from "../../memory/memory-monitor.ts";
import type { ModelUsage } from "../../memory/snapshot.ts";
import type { MemorySnapshot } from "../../pool/engine-memory.ts";
import type { ServerContext, ServerEnv } from "./context.ts";
import { serverMetrics } from "./metrics.ts";
import { Readiness } from "./readiness.ts";

/** What `GET /v1/memory` tells. */
interface MemoryReport {
  readonly snapshot: MemorySnapshot;
  readonly models: readonly (ModelUsage & { readonly worker: string })[];
  readonly history: readonly MemorySample[];
  /** Resident bytes of the server's own process. */
  readonly process: number;
}

/** For whoever keeps the process alive: no token needed, and nothing told. */
export function healthRoutes(server: ServerContext): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  const readiness = new Readiness(server);
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", async (c) => {
    const reasons = await readiness.reasons();
    return reasons.length === 0
      ? c.json({ status: "ready" })
      : c.json({ status: "not ready", reasons }, 503);
  });
  return app;
}

export async function metrics(server: ServerContext, c: Context<ServerEnv>): Promise<Response> {
  const { engine, store, statistics, runner, uploads, reads, streams } = server;
  const text = serverMetrics(engine.memory.metrics(), {
    usage: await store.usage(),
    statistics,
    inUse: {
      tasks: runner.running,
      uploads: uploads.used,
      reads: reads.used,
      streams: streams.used,
    },
    process: Deno.memoryUsage().rss,
  });
  return c.body(text, 200, {
    "Content-Type": "application/openmetrics-text; version=1.0.0; charset=utf-8",
  });
}

export function memoryRoutes(server: ServerContext): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  app.get("/", (c) => c.json(report(server)));
  app.post("/teardown", async (c) => {
    await server.engine.teardown();
    return c.json(report(server));
  });
  return app;
}

function report({ engine }: ServerContext): MemoryReport {
  const snapshot = engine.memory.snapshot();
  const models = Object.entries(snapshot.workers).flatMap(([worker, memory]) =>
    (memory?.models ?? []).map((model) => ({ worker, ...model })),
  );
  return { snapshot, models, history: engine.memory.history, process: Deno.memoryUsage().rss };
}
