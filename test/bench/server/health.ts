/**
 * How long `/healthz` and `/readyz` take while ten searchable PDFs are asked for at once, with many tasks in the store.
 *
 *     deno run -A test/bench/server/health.ts [tasks in the store]
 */
import { PDFDocument } from "@cantoo/pdf-lib";
import { ended, submit, fixture } from "../../server/requests.ts";
import { RunningServer } from "../../server/running-server.ts";
import { percentile, sleep } from "./measure.ts";

const STORED = Number(Deno.args[0] ?? 300_000);
const RESULTS = 10;
const PAGES = 100;
const INTERVAL = 20;

const folder = await Deno.makeTempDir({ prefix: "glyphpool-" });
const env = { GLYPHPOOL_WORKERS: "1", GLYPHPOOL_ACCESS_LOG: "off" };
const data = `${folder}/data`;
await using first = await RunningServer.start({ data, env });
const small = await (await fixture("small.png")).bytes();
const pdf = await PDFDocument.create();
const image = await pdf.embedPng(small);
for (let i = 0; i < PAGES; i++) pdf.addPage([image.width, image.height]).drawImage(image);
const file = new File([await pdf.save()], "long.pdf");
const { id } = await submit(first, file, { text: "layer" });
console.log("the document:", (await ended(first, id, 240_000)).state);
await first.end("SIGTERM");

const { DatabaseSync } = await import("node:sqlite");
const db = new DatabaseSync(`${data}/tasks.sqlite`);
db.exec(`PRAGMA synchronous = OFF; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${STORED})
  INSERT INTO tasks (id, owner, state, options, bytes, fingerprint, available_at, created_at, started_at, ended_at)
  SELECT printf('00000000-0000-4000-8000-%012d', i), 'anybody', 'succeeded', '{}', 1000, 'f', 0, 1, 1, ${Date.now()} FROM n`);
db.close();
await using server = await RunningServer.start({ data, env });

/** Asks again and again until told to stop. @returns milliseconds of each answer */
async function ask(path: string, stop: AbortSignal): Promise<number[]> {
  const times: number[] = [];
  while (!stop.aborted) {
    const since = performance.now();
    await (await server.fetch(path)).body?.cancel();
    times.push(performance.now() - since);
    await sleep(INTERVAL);
  }
  return times;
}

async function measure(what: string, work: () => Promise<unknown>): Promise<void> {
  const stop = new AbortController();
  const asking = [ask("/healthz", stop.signal), ask("/readyz", stop.signal)];
  const since = performance.now();
  console.log(
    `${what}: ${JSON.stringify(await work())}, ${((performance.now() - since) / 1_000).toFixed(1)} s`,
  );
  stop.abort();
  for (const [index, times] of (await Promise.all(asking)).entries()) {
    const figures = [0.5, 0.99, 1].map((part) => `${percentile(times, part).toFixed(1)} ms`);
    console.log(
      `  ${index === 0 ? "/healthz" : "/readyz"}: p50, p99, most: ${figures.join(", ")}; n = ${times.length}`,
    );
  }
}

await measure("nothing", async () => await sleep(5_000));
await measure(`${RESULTS} PDF results`, async () => {
  const answers = Array.from({ length: RESULTS }, async () => {
    const response = await server.fetch(`/v1/tasks/${id}/result?format=pdf`);
    return { status: response.status, bytes: (await response.bytes()).length };
  });
  return await Promise.all(answers);
});
await measure("20 submissions, one after the other", async () => {
  const since = performance.now();
  for (let i = 0; i < 20; i++) await submit(server, new File([small], "a.png"));
  return `${((performance.now() - since) / 20).toFixed(1)} ms each`;
});
await server.end("SIGKILL");
await Deno.remove(folder, { recursive: true });
