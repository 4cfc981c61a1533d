/** `/v1/tasks`: submit, look, follow, fetch, cancel. */
import { createHash } from "node:crypto";
import { Hono } from "hono";
import type { Context } from "hono";
import { byteStream } from "./byte-stream.ts";
import type { ServerContext, ServerEnv } from "./context.ts";
import { eventLines } from "./event-stream.ts";
import { HttpProblem, toProblem } from "./problem.ts";
import { taskFilter } from "./task-list.ts";
import { checkFormat, resultResponse } from "../results/result.ts";
import { fromStoredPage } from "../tasks/stored-page.ts";
import { takeInput } from "../intake/take-input.ts";
import { checkTaskOptions } from "../tasks/task-options.ts";
import { StoreRefusal } from "../store/task-store.ts";
import type { Admission, StoredTask, TaskOptions } from "../store/task-store.ts";
import type { Token } from "./tokens.ts";
import { toView } from "./view.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MAX_KEY = 200;
const MAX_PRIORITY = 10;
/** Seconds: bounds of what `Retry-After` says. */
const LEAST_WAIT = 1;
const MOST_WAIT = 60;
/** The part of a full queue that should have gone before somebody comes back. */
const ROOM = 0.05;

export function taskRoutes(server: ServerContext): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  app.post("/", (c) => submit(server, c));
  app.get("/", (c) => list(server, c));
  app.get("/:id", async (c) => c.json(await view(server, await find(server, c))));
  app.get("/:id/result", (c) => result(server, c));
  app.get("/:id/events", (c) => events(server, c));
  app.post("/:id/retry", (c) => retry(server, c));
  app.delete("/:id", (c) => cancel(server, c));
  return app;
}

async function submit(server: ServerContext, c: Context<ServerEnv>): Promise<Response> {
  const { store, settings, statistics } = server;
  const token = c.get("token");
  const key = c.req.header("Idempotency-Key");
  if (key !== undefined && !/^[\x21-\x7e]{1,200}$/.test(key)) {
    const detail = `An Idempotency-Key has 1 to ${MAX_KEY} visible ASCII characters.`;
    throw new HttpProblem(400, "BAD_REQUEST", detail, { close: true });
  }
  const admission = admissionOf(server, token);
  try {
    // Before the body: nobody sends a large file only to be told to come back.
    // A repeated key takes nothing: its answer is the task that there is.
    if (key === undefined || !(await store.knows(token.name, key))) {
      await store.admits(token.name, contentLength(c), admission);
    }
    await using input = await takeInput(server, c.req.raw, settings.maxBody, token.name);
    const priority = checkPriority(input.priority);
    const webhook = checkWebhook(server, input.webhook);
    const options = checkTaskOptions(input.options, settings.taskDeadline);
    const { task, created } = await store.create(
      {
        owner: token.name,
        name: input.upload.name,
        options,
        input: input.upload,
        idempotencyKey: key,
        fingerprint: fingerprint(input.upload.hash, options),
        priority,
        webhook,
      },
      admission,
    );
    statistics.count("submitted", created ? "new" : "repeated");
    const location = `/v1/tasks/${task.id}`;
    return c.json(await view(server, task), 202, { Location: location });
  } catch (error) {
    if (!(error instanceof StoreRefusal) || error.reason === "key" || error.reason === "state")
      throw error;
    const { status, code, message } = toProblem(error);
    const retryAfter = await waitFor(server, error);
    throw new HttpProblem(status, code, message, { retryAfter, close: true });
  }
}

/** The tasks of the token, or of all tokens for an operator, the newest first. */
async function list(server: ServerContext, c: Context<ServerEnv>): Promise<Response> {
  const filter = taskFilter(c.req.query(), c.get("token"));
  const tasks = await server.store.list(filter);
  const last = tasks.length === filter.limit ? tasks.at(-1) : undefined;
  const now = Date.now();
  return c.json({
    tasks: tasks.map((task) => toView(task, undefined, now)),
    ...(last ? { next: String(last.seq) } : {}),
  });
}

async function retry(server: ServerContext, c: Context<ServerEnv>): Promise<Response> {
  const { id } = await find(server, c);
  const task = await server.store.retry(id, admissionOf(server, c.get("token")));
  return c.json(await view(server, task ?? (await find(server, c))), 202);
}

async function result(server: ServerContext, c: Context<ServerEnv>): Promise<Response> {
  const { store } = server;
  const format = checkFormat(c.req.query("format"));
  const task = await find(server, c);
  if (task.endedAt === undefined) {
    const detail = "The task has not ended yet; its events tell when it has.";
    throw new HttpProblem(409, "TASK_NOT_DONE", detail, { retryAfter: LEAST_WAIT });
  }
  if (task.state !== "succeeded") {
    const { code = "TASK_FAILED", message = "The task did not succeed." } = task.error ?? {};
    throw new HttpProblem(409, code, message);
  }
  const input = await store.input(task.id);
  const pages = async function* (): AsyncGenerator<ReturnType<typeof fromStoredPage>> {
    for await (const json of store.pages(task.id)) yield fromStoredPage(json);
  };
  const { name, options } = task;
  const signal = AbortSignal.any([server.closing, c.env.gone]);
  const source = {
    path: input.path,
    name,
    options,
    pages: pages(),
    engine: server.engine,
    pdfs: server.pdfs,
    signal,
  };
  return await resultResponse(format, source, async () => {
    await input[Symbol.asyncDispose]();
  });
}

async function events(server: ServerContext, c: Context<ServerEnv>): Promise<Response> {
  const { store, streams, closing } = server;
  const { id } = await find(server, c);
  const last = c.req.header("Last-Event-ID") ?? "0";
  if (!/^\d{1,15}$/.test(last)) throw new HttpProblem(400, "BAD_REQUEST", "Last-Event-ID is bad.");
  const slot = streams.take(c.get("token").name);
  const signal = AbortSignal.any([closing, c.env.gone]);
  const lines = async function* (): AsyncGenerator<string, void, undefined> {
    try {
      yield* eventLines(store, id, Number(last), signal);
    } finally {
      slot[Symbol.dispose]();
    }
  };
  return new Response(byteStream(lines()), {
    headers: { "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" },
  });
}

/** Cancels a task that has not ended, deletes one that has. */
async function cancel(server: ServerContext, c: Context<ServerEnv>): Promise<Response> {
  const { store, runner } = server;
  const { id, endedAt } = await find(server, c);
  if (endedAt !== undefined) {
    await store.remove(id);
    return c.body(null, 204);
  }
  const task = await store.cancel(id);
  runner.cancelled(id);
  return c.json(await view(server, task ?? (await find(server, c))));
}

/** @throws HttpProblem 404, also for somebody else's task */
async function find({ store }: ServerContext, c: Context<ServerEnv>): Promise<StoredTask> {
  const id = c.req.param("id") ?? "";
  const { name, role } = c.get("token");
  const task = UUID.test(id) ? await store.get(id) : undefined;
  if (!task || (task.owner !== name && role !== "operator")) {
    throw new HttpProblem(404, "TASK_NOT_FOUND", "There is no such task.");
  }
  return task;
}

async function view(
  { store }: ServerContext,
  task: StoredTask,
): Promise<ReturnType<typeof toView>> {
  return toView(task, await store.position(task.id), Date.now());
}

/** Bytes that the sender says it will send; what is not a number is left to the reading of the body. */
function contentLength(c: Context<ServerEnv>): number {
  const length = Number(c.req.header("Content-Length") ?? 0);
  return Number.isSafeInteger(length) && length > 0 ? length : 0;
}

function checkPriority(value: unknown): number {
  if (value === undefined) return 0;
  if (Number.isInteger(value) && Math.abs(value as number) <= MAX_PRIORITY) return value as number;
  const detail = `priority is a whole number from -${MAX_PRIORITY} to ${MAX_PRIORITY}.`;
  throw new HttpProblem(400, "BAD_REQUEST", detail);
}

function checkWebhook({ webhooks }: ServerContext, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string") throw new HttpProblem(400, "BAD_REQUEST", "webhook is a url.");
  webhooks.check(value);
  return value;
}

function admissionOf({ settings }: ServerContext, { limits }: Token): Admission {
  return {
    maxTasks: settings.maxTasks,
    maxBytes: settings.maxTaskBytes,
    ownerMaxTasks: limits.maxTasks ?? settings.tokenMaxTasks,
    ownerMaxBytes: limits.maxBytes ?? settings.tokenMaxBytes,
    maxStoredBytes: settings.maxStored,
  };
}

/** Seconds until some of the queue has gone, by how long tasks have taken so far. */
async function waitFor(server: ServerContext, { reason }: StoreRefusal): Promise<number> {
  if (reason === "disk") return MOST_WAIT;
  const { tasks } = await server.store.usage();
  const wait = tasks.queued * ROOM * server.statistics.secondsPerTask;
  return Math.min(MOST_WAIT, Math.max(LEAST_WAIT, Math.ceil(wait)));
}

/** The same file with the same options. */
function fingerprint(hash: string, options: TaskOptions): string {
  const sorted = Object.entries(options).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(hash).update(JSON.stringify(sorted)).digest("hex");
}
