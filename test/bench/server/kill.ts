/**
 * 200 tasks from 20 clients while the server is killed three times: every task has to end exactly once, with the text
 * that a quiet server reads. Prints the ledger of all tasks.
 *
 *     deno run -A test/bench/server/kill.ts [sqlite|postgres] [tasks] [clients] [kills]
 */
import { GlyphpoolClient, ServerError } from "../../../src/client/index.ts";
import type { TaskEvent } from "../../../src/client/index.ts";
import { TestPostgres } from "../../server/postgres.ts";
import { fixture } from "../../server/requests.ts";
import { RunningServer } from "../../server/running-server.ts";
import type { ServerStart } from "../../server/running-server.ts";
import { sleep } from "./measure.ts";

interface Entry {
  readonly client: number;
  readonly key: string;
  readonly picture: string;
  readonly id: string;
  readonly state: string;
  readonly attempts: number;
  /** Events of type `done`. */
  readonly ends: number;
  readonly right: boolean;
}

const [store = "sqlite", ...figures] = Deno.args;
const [TASKS = 200, CLIENTS = 20, KILLS = 3] = figures.map(Number);
const PICTURES = ["small.png", "line.png", "rotated.png"];

const folder = await Deno.makeTempDir({ prefix: "glyphpool-" });
const postgres = store === "postgres" ? await TestPostgres.start() : undefined;
const database = postgres ? { GLYPHPOOL_DATABASE_URL: await postgres.database() } : {};
const options: ServerStart = {
  data: `${folder}/data`,
  env: { GLYPHPOOL_WORKERS: "2", GLYPHPOOL_MAX_ATTEMPTS: "5", ...database },
};
let server = await RunningServer.start(options);
const { port } = new URL(server.address);
const client = new GlyphpoolClient({ url: server.address });
const files = new Map(
  await Promise.all(PICTURES.map(async (name) => [name, await fixture(name)] as const)),
);

console.log("What a quiet server reads:");
const expected = new Map<string, string>();
for (const [name, file] of files) {
  const text = await client.read(file, { format: "text" });
  expected.set(name, text);
  console.log(`  ${name}: ${JSON.stringify(text.slice(0, 60))}`);
}

/** Repeats what may go well the next time: the server is down, or its queue is full. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ServerError) || !error.retryable) throw error;
      await sleep(error.retryAfter ?? 200);
    }
  }
}

/** Ids of tasks whose end was heard of. */
const ended = new Set<string>();
const ledger: Entry[] = [];

async function run(number: number): Promise<void> {
  for (let i = number; i < TASKS; i += CLIENTS) {
    const key = `task-${i}`;
    const picture = PICTURES[i % PICTURES.length] as string;
    const file = files.get(picture) as File;
    // Without a key, an answer that was lost with the server would make two tasks of one.
    const { id } = await patiently(() => client.submit(file, { idempotencyKey: key }));
    for await (const event of client.events(id)) if (event.type === "done") ended.add(id);
    const text = await patiently(() => client.result(id, { format: "text" }));
    const { state, attempts } = await patiently(() => client.task(id));
    const events: TaskEvent[] = [];
    for await (const event of client.events(id)) events.push(event);
    const ends = events.filter(({ type }) => type === "done").length;
    const right = text === expected.get(picture);
    ledger.push({ client: number, key, picture, id, state, attempts, ends, right });
  }
}

const start = performance.now();
const clients = Promise.all(Array.from({ length: CLIENTS }, (_, number) => run(number)));
const restarts: string[] = [];
for (let kill = 1; kill <= KILLS; kill++) {
  const enough = (TASKS * kill) / (KILLS + 1);
  while (ended.size < enough) await sleep(50);
  const done = ended.size;
  await server.end("SIGKILL");
  const since = performance.now();
  const env = { ...options.env, GLYPHPOOL_PORT: port };
  server = await RunningServer.start({ ...options, env });
  restarts.push(
    `killed after ${done} tasks, listening again after ${Math.round(performance.now() - since)} ms`,
  );
}
await clients;
const seconds = (performance.now() - start) / 1_000;
await server.end("SIGTERM");
await postgres?.[Symbol.asyncDispose]();
await Deno.remove(folder, { recursive: true });

console.log(
  "\nclient  key       picture      id                                    state      tries  ends  text",
);
for (const { client: number, key, picture, id, state, attempts, ends, right } of ledger.toSorted(
  (a, b) => a.client - b.client || a.key.localeCompare(b.key, "en", { numeric: true }),
)) {
  const columns = [String(number).padEnd(6), key.padEnd(8), picture.padEnd(11), id];
  const rest = [state.padEnd(9), String(attempts).padEnd(5), String(ends).padEnd(4)];
  console.log([...columns, ...rest, right ? "right" : "WRONG"].join("  "));
}
console.log(`\n${restarts.join("\n")}`);
const ids = new Set(ledger.map(({ id }) => id));
const good = ledger.filter(
  ({ state, ends, right }) => state === "succeeded" && ends === 1 && right,
);
const again = ledger.filter(({ attempts }) => attempts > 1);
console.log(
  `${ledger.length} tasks, ${ids.size} different ids, ${good.length} ended once with the right text, ` +
    `${again.length} were begun more than once, ${seconds.toFixed(1)} s`,
);
Deno.exit(good.length === TASKS && ids.size === TASKS ? 0 : 1);
