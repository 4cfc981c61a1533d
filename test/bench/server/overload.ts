/**
 * Ten times as many tasks as the server can read, for a minute: memory, refusals, and how long accepted tasks take.
 *
 *     deno run -A test/bench/server/overload.ts [seconds] [times the capacity]
 */
import type { TaskView } from "../../../src/client/index.ts";
import { fixture, form } from "../../server/requests.ts";
import { RunningServer } from "../../server/running-server.ts";
import { percentile, residentBytes, sleep } from "./measure.ts";

const [SECONDS = 60, TIMES = 10] = Deno.args.map(Number);
/** Tasks that may wait; with the time of one task that bounds how long anybody waits. */
const QUEUE = 20;
const CALIBRATION = 60;

const folder = await Deno.makeTempDir({ prefix: "glyphpool-" });
const server = await RunningServer.start({
  data: `${folder}/data`,
  env: {
    GLYPHPOOL_WORKERS: "2",
    GLYPHPOOL_MAX_TASKS: String(QUEUE),
    GLYPHPOOL_TOKEN_REQUESTS: "1000000",
  },
});
const file = await fixture("small.png");

interface Answer {
  /** 0 where there was none. */
  readonly status: number;
  readonly id?: string;
  readonly retryAfter?: number;
}

async function submit(): Promise<Answer> {
  const response = await server.fetch("/v1/tasks", { method: "POST", body: form(file) });
  if (response.status === 202) {
    return { status: 202, id: ((await response.json()) as TaskView).id };
  }
  await response.body?.cancel();
  const retryAfter = Number(response.headers.get("Retry-After") ?? Number.NaN);
  return { status: response.status, retryAfter };
}

async function view(id: string): Promise<TaskView> {
  return (await (await server.fetch(`/v1/tasks/${id}`)).json()) as TaskView;
}

async function end(id: string): Promise<TaskView> {
  for (;;) {
    const task = await view(id);
    if (task.endedAt !== undefined) return task;
    await sleep(50);
  }
}

// The first tasks load the models.
for (let i = 0; i < 4; i++) await end((await submit()).id as string);
// What it can do: as many tasks as it takes, one after the other as there is room.
const since = performance.now();
const calibration: string[] = [];
while (calibration.length < CALIBRATION) {
  const { id } = await submit();
  if (id === undefined) await sleep(20);
  else calibration.push(id);
}
for (const id of calibration) await end(id);
const capacity = CALIBRATION / ((performance.now() - since) / 1_000);
const rate = capacity * TIMES;
console.log(
  `capacity: ${capacity.toFixed(1)} tasks/s; load: ${rate.toFixed(0)} tasks/s for ${SECONDS} s`,
);

const accepted: string[] = [];
const statuses = new Map<number, number>();
let withoutRetryAfter = 0;
const answers: number[] = [];
const memory: { second: number; mebibytes: number[] }[] = [];

async function ask(): Promise<void> {
  const asked = performance.now();
  const { status, id, retryAfter } = await submit().catch((): Answer => ({ status: 0 }));
  statuses.set(status, (statuses.get(status) ?? 0) + 1);
  answers.push(performance.now() - asked);
  if (id !== undefined) accepted.push(id);
  else if (!(retryAfter !== undefined && retryAfter >= 1)) withoutRetryAfter++;
}

const start = performance.now();
let sent = 0;
const open = new Set<Promise<void>>();
const sampling = (async () => {
  while (performance.now() - start < SECONDS * 1_000) {
    const second = Math.round((performance.now() - start) / 1_000);
    const bytes = await residentBytes(server.pid);
    memory.push({ second, mebibytes: bytes.map((each) => each / 2 ** 20) });
    await sleep(2_000);
  }
})();
while (performance.now() - start < SECONDS * 1_000) {
  const due = ((performance.now() - start) / 1_000) * rate;
  for (; sent < due; sent++) {
    const asking = ask();
    open.add(asking);
    void asking.finally(() => open.delete(asking));
  }
  await sleep(10);
}
await sampling;
const over = performance.now();
await Promise.all(open);
const views: TaskView[] = [];
for (const id of accepted) views.push(await end(id));
const drained = performance.now() - over;
const askedLast = performance.now();
const last = await submit();
await end(last.id as string);
const recovered = performance.now() - askedLast;

const totals = views.map(({ timings }) => timings.queued + (timings.running ?? 0));
const sum = (parts: readonly number[]): number => parts.reduce((total, each) => total + each, 0);
const megabytes = memory.map(({ mebibytes }) => sum(mebibytes));
console.log("second  MiB (the server, each of its workers, all)");
for (const { second, mebibytes } of memory.filter((_, at) => at % 3 === 0)) {
  const figures = [...mebibytes, sum(mebibytes)].map((each) => each.toFixed(0).padStart(5));
  console.log(`${String(second).padStart(6)}  ${figures.join(" ")}`);
}
const half = megabytes.slice(Math.floor(megabytes.length / 2));
console.log(
  `memory: ${Math.min(...megabytes).toFixed(0)} to ${Math.max(...megabytes).toFixed(0)} MiB, second half ${Math.min(...half).toFixed(0)} to ${Math.max(...half).toFixed(0)} MiB`,
);
console.log(
  `sent ${sent}; answers: ${[...statuses].map(([status, n]) => `${n} × ${status}`).join(", ")}`,
);
console.log(`refusals without Retry-After: ${withoutRetryAfter}`);
console.log(
  `time of an answer: p50 ${percentile(answers, 0.5).toFixed(0)} ms, p95 ${percentile(answers, 0.95).toFixed(0)} ms`,
);
console.log(
  `accepted: ${accepted.length}, succeeded: ${views.filter(({ state }) => state === "succeeded").length}, ${(accepted.length / SECONDS).toFixed(1)} tasks/s`,
);
console.log(
  `time of an accepted task: p50 ${percentile(totals, 0.5).toFixed(0)} ms, p95 ${percentile(totals, 0.95).toFixed(0)} ms, most ${Math.max(...totals).toFixed(0)} ms`,
);
console.log(
  `afterwards: queue empty after ${drained.toFixed(0)} ms; one more task took ${recovered.toFixed(0)} ms`,
);
await server.end("SIGTERM");
await Deno.remove(folder, { recursive: true });
Deno.exit(0);
