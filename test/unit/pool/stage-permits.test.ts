import { describe, expect, it } from "vitest";
import { Semaphore } from "../../../src/core/semaphore.ts";
import { StagePermits } from "../../../src/pool/stage-permits.ts";
import type { AcquireStage } from "../../../src/pool/call.ts";
import { StagePermits as WorkerPermits } from "../../../workers/ocr/stage-permits.ts";
import type { PermitMessage } from "../../../workers/ocr/worker-api.ts";

const WEIGHTS = { layout: 1, tables: 1, formulas: 2, charts: 1 };
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** Both ends of the wire, joined directly, on a semaphore of their own or a shared one. */
function joined(semaphore: Semaphore): {
  host: StagePermits;
  worker: WorkerPermits;
  waits: boolean[];
} {
  const waits: boolean[] = [];
  const acquire: AcquireStage = (stage, signal) => semaphore.acquire(WEIGHTS[stage], { signal });
  const worker = new WorkerPermits((message: PermitMessage) => host.handle(message));
  const host = new StagePermits({
    acquire,
    grant: (permit) => worker.grant(permit),
    onWait: (state) => waits.push(state),
  });
  return { host, worker, waits };
}

describe("shares of structure stages", () => {
  const never = new AbortController().signal;

  it("weigh what their stage weighs, and come back", async () => {
    const semaphore = new Semaphore(3);
    const { worker } = joined(semaphore);
    const layout = await worker.acquire(1, "layout", never);
    const formulas = await worker.acquire(1, "formulas", never);
    expect(semaphore.inUse).toBe(3);
    layout[Symbol.dispose]();
    formulas[Symbol.dispose]();
    expect(semaphore.inUse).toBe(0);
  });

  it("are waited for, and the read's clock stands still meanwhile", async () => {
    const semaphore = new Semaphore(2);
    const first = joined(semaphore);
    const second = joined(semaphore);
    const held = await first.worker.acquire(1, "formulas", never);
    let granted = false;
    const waiting = second.worker.acquire(2, "tables", never).then((share) => {
      granted = true;
      return share;
    });
    await settle();
    expect(granted).toBe(false);
    expect(second.waits).toEqual([true]);
    held[Symbol.dispose]();
    await waiting;
    expect(second.waits).toEqual([true, false]);
  });

  it("come back when the read ends without giving them back, as after the worker's death", async () => {
    const semaphore = new Semaphore(2);
    const { host, worker } = joined(semaphore);
    await worker.acquire(1, "layout", never);
    const waiting = worker.acquire(1, "formulas", never);
    waiting.catch(() => undefined);
    host[Symbol.dispose]();
    await settle();
    expect(semaphore.inUse).toBe(0);
    expect(semaphore.waiting).toBe(0);
  });

  it("are given up by a read that is aborted while it waits", async () => {
    const semaphore = new Semaphore(1);
    const blocker = await semaphore.acquire(1, {});
    const { host, worker } = joined(semaphore);
    const abort = new AbortController();
    const waiting = worker.acquire(1, "layout", abort.signal);
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ code: "ABORTED" });
    blocker[Symbol.dispose]();
    host[Symbol.dispose]();
    await settle();
    expect(semaphore.inUse).toBe(0);
  });
});
