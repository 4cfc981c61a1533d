/**
 * Tasks from many clients while the server is killed at random, its disk is full or its database gone, and one document
 * ends every process that reads it: each task has to end exactly once, with the text that a quiet server reads, and only
 * the planted one may be called poison. Prints the ledger of all tasks.
 *
 *     deno run -A test/bench/server/kill.ts [sqlite|postgres] [tasks] [clients] [kills]
 *
 * The disk is filled where a tmpfs can be mounted, which needs root.
 */
import { GlyphpoolClient, ServerError } from "../../../src/client/index.ts";
import type { TaskEvent } from "../../../src/client/index.ts";
import { TestPostgres } from "../../server/postgres.ts";
import { fixture } from "../../server/requests.ts";
import { RunningServer } from "../../server/running-server.ts";
import type { ServerStart } from "../../server/running-server.ts";
import { writeTokens } from "../../server/tokens.ts";
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
const [TASKS = 300, CLIENTS = 30, KILLS = 5] = figures.map(Number);
const PICTURES = ["small.png", "line.png", "rotated.png"];
const NAMES = ["a", "b", "c", "d", "e"];
/** Milliseconds between two disturbances, at least and at most; how long a disk or database is gone. */
const [QUIET_LEAST, QUIET_MOST, GONE] = [2_000, 6_000, 4_000];
const DISK = "64m";

const folder = await Deno.makeTempDir({ prefix: "glyphpool-" });
const data = `${folder}/data`;
await Deno.mkdir(data);
const mounted =
  store === "sqlite" &&
  (await command("mount", "-t", "tmpfs", "-o", `size=${DISK}`, "tmpfs", data));
const postgres = store === "postgres" ? await TestPostgres.start() : undefined;
const database = postgres ? { GLYPHPOOL_DATABASE_URL: await postgres.database() } : {};
const tokens = await writeTokens(folder, Object.fromEntries(NAMES.map((name) => [name, {}])));
const env = {
  GLYPHPOOL_WORKERS: "2",
  GLYPHPOOL_TOKENS_FILE: tokens.file,
  GLYPHPOOL_ACCESS_LOG: "off",
  ...database,
};
const options: ServerStart = { data, env, patience: 60_000 };
let server = await RunningServer.start(options);
const { address } = server;
const { port } = new URL(address);
const clients = NAMES.map((name) => {
  const token = (tokens.headers[name]?.Authorization ?? "").slice("Bearer ".length);
  return new GlyphpoolClient({ url: address, token, retries: 0 });
});
const clientOf = (number: number): GlyphpoolClient =>
  clients[number % NAMES.length] as GlyphpoolClient;
const files = new Map(
  await Promise.all(PICTURES.map(async (name) => [name, await fixture(name)] as const)),
);

const expected = new Map<string, string>();
for (const [name, file] of files)
  expected.set(name, await clientOf(0).read(file, { format: "text" }));

async function command(name: string, ...args: string[]): Promise<boolean> {
  return (await new Deno.Command(name, { args, stderr: "null" }).output()).success;
}

/** Codes of what was refused, and how often. */
const refused = new Map<string, number>();

/** Repeats what may go well the next time. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ServerError) || !error.retryable) throw error;
      refused.set(error.code, (refused.get(error.code) ?? 0) + 1);
      await sleep(Math.min(error.retryAfter ?? 200, 1_000));
    }
  }
}

const ledger: Entry[] = [];

async function run(number: number): Promise<void> {
  const client = clientOf(number);
  for (let i = number; i < TASKS; i += CLIENTS) {
    const key = `task-${i}`;
    const picture = PICTURES[i % PICTURES.length] as string;
    const file = files.get(picture) as File;
    // Without a key, an answer that was lost with the server would make two tasks of one.
    const { id } = await patiently(() => client.submit(file, { idempotencyKey: key }));
    const { state, attempts } = await patiently(() => client.wait(id));
    const text =
      state === "succeeded"
        ? await patiently(() => client.result(id, { format: "text" }))
        : undefined;
    const events: TaskEvent[] = [];
    for await (const event of client.events(id)) events.push(event);
    const ends = events.filter(({ type }) => type === "done").length;
    const right = text === expected.get(picture);
    ledger.push({ client: number, key, picture, id, state, attempts, ends, right });
  }
}

const log: string[] = [];
const start = performance.now();
const note = (what: string): void =>
  void log.push(
    `${((performance.now() - start) / 1_000).toFixed(1)} s: ${what}, ${ledger.length} tasks have ended`,
  );

/** One at a time: whoever kills the server also starts it again. */
let starting: Promise<void> = Promise.resolve();
async function kill(why: string): Promise<void> {
  const earlier = starting;
  starting = (async () => {
    await earlier;
    await server.end("SIGKILL");
    note(why);
    server = await RunningServer.start({ ...options, env: { ...env, GLYPHPOOL_PORT: port } });
  })();
  await starting;
}

async function fillDisk(): Promise<void> {
  const path = `${data}/filler`;
  const full = await command("dd", "if=/dev/zero", `of=${path}`, "bs=64k");
  note(full ? "the disk could not be filled" : "the disk is full");
  const ready = await fetch(`${address}/readyz`);
  log.push(`  readyz: ${ready.status} ${(await ready.text()).trim()}`);
  await sleep(GONE);
  await Deno.remove(path);
  note("the disk has space again");
}

async function stopDatabase(): Promise<void> {
  await postgres?.stop();
  note("the database is gone");
  await sleep(GONE);
  await postgres?.resume();
  note("the database is back");
}

async function disturb(): Promise<void> {
  const others = postgres ? [stopDatabase, stopDatabase] : mounted ? [fillDisk] : [];
  const all: (() => Promise<void>)[] = [...others];
  for (let i = 0; i < KILLS; i++) all.splice((2 * i) % (all.length + 1), 0, () => kill("killed"));
  for (const each of all) {
    await sleep(QUIET_LEAST + Math.random() * (QUIET_MOST - QUIET_LEAST));
    await each();
  }
}

/** A document that ends whatever reads it. */
async function poison(): Promise<string> {
  const client = clientOf(0);
  const file = files.get("rotated.png") as File;
  const { id } = await patiently(() => client.submit(file, { idempotencyKey: "poison", dpi: 111 }));
  for (;;) {
    const task = await patiently(() => client.task(id));
    if (task.endedAt !== undefined)
      return `${task.state} ${task.error?.code} after ${task.attempts} attempts`;
    if (task.state === "running") await kill("killed by the planted poison");
    await sleep(20);
  }
}

const planted = poison();
const disturbances = disturb();
await Promise.all(Array.from({ length: CLIENTS }, (_, number) => run(number)));
await disturbances;
const end = await planted;
const seconds = (performance.now() - start) / 1_000;
await server.end("SIGTERM");
await postgres?.[Symbol.asyncDispose]();
if (mounted) await command("umount", data);
await Deno.remove(folder, { recursive: true });

console.log(
  "client  key       picture      id                                    state      tries  ends  text",
);
for (const { client, key, picture, id, state, attempts, ends, right } of ledger.toSorted(
  (a, b) => a.client - b.client || a.key.localeCompare(b.key, "en", { numeric: true }),
)) {
  const columns = [String(client).padEnd(6), key.padEnd(8), picture.padEnd(11), id];
  const rest = [state.padEnd(9), String(attempts).padEnd(5), String(ends).padEnd(4)];
  console.log([...columns, ...rest, right ? "right" : "WRONG"].join("  "));
}
console.log(`\n${log.join("\n")}`);
const ids = new Set(ledger.map(({ id }) => id));
const good = ledger.filter(
  ({ state, ends, right }) => state === "succeeded" && ends === 1 && right,
);
const again = ledger.filter(({ attempts }) => attempts > 1);
console.log(
  `\n${store}: ${good.length} of ${TASKS} ended exactly once with the right text; ${ids.size} different ids; ` +
    `${again.length} were begun more than once; the planted poison: ${end}; ${seconds.toFixed(0)} s\n` +
    `refused: ${[...refused].map(([code, count]) => `${count} × ${code}`).join(", ")}`,
);
Deno.exit(good.length === TASKS && ids.size === TASKS && end.includes("TASK_POISONED") ? 0 : 1);
