/** `POST /v1/read`: a small input, and the result in the same answer. Nothing of it is kept. */
import { Hono } from "hono";
import type { Context } from "hono";
import type { ResultFormat } from "../../client/wire.ts";
import type { DocumentPage } from "../../types.ts";
import type { ServerContext, ServerEnv } from "./context.ts";
import { readPages } from "../tasks/read-pages.ts";
import { checkFormat, resultResponse } from "../results/result.ts";
import { HttpProblem } from "./problem.ts";
import { takeInput } from "../intake/take-input.ts";
import type { TakenInput } from "../intake/take-input.ts";
import { checkTaskOptions } from "../tasks/task-options.ts";

export function readRoutes(server: ServerContext): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  app.post("/", (c) => receive(server, c));
  return app;
}

async function receive(server: ServerContext, c: Context<ServerEnv>): Promise<Response> {
  const { settings, reads } = server;
  const format = checkFormat(c.req.query("format"));
  // Before the body; but a slow sender does not keep others from reading.
  const { name } = c.get("token");
  reads.check(name);
  await using input = await takeInput(server, c.req.raw, settings.readMaxBody, name);
  if (input.webhook !== undefined || input.priority !== undefined) {
    throw new HttpProblem(400, "BAD_REQUEST", "Only tasks have a webhook and a priority.");
  }
  return await reads.use(name, () => read(server, c, input, format));
}

async function read(
  server: ServerContext,
  c: Context<ServerEnv>,
  input: TakenInput,
  format: ResultFormat,
): Promise<Response> {
  const { engine, settings, statistics, closing } = server;
  const { upload } = input;
  const options = checkTaskOptions(input.options, settings.readDeadline);
  // Who goes away before the answer wants no answer.
  const signal = AbortSignal.any([closing, c.env.gone]);
  const limits = { maxPages: settings.readMaxPages, deadline: settings.readDeadline };
  const pages: DocumentPage[] = [];
  try {
    for await (const { page } of readPages(engine, upload.path, options, limits, signal)) {
      statistics.page(page.error ? "failed" : "read");
      pages.push(page);
    }
  } catch (error) {
    statistics.count("reads", signal.aborted ? "cancelled" : "failed");
    throw error;
  }
  // A file of one page that cannot be read is an error of the request; of several, the others count.
  if (pages.length === 1 && pages[0]?.error) {
    statistics.count("reads", "failed");
    throw pages[0].error;
  }
  statistics.count("reads", "succeeded");
  const { path, name } = upload;
  const source = { path, name, options, pages: each(pages), engine, pdfs: server.pdfs, signal };
  return await resultResponse(format, source, async () => undefined);
}

async function* each(
  pages: readonly DocumentPage[],
): AsyncGenerator<DocumentPage, void, undefined> {
  yield* pages;
}
