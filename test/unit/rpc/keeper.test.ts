import { afterEach, describe, expect, it } from "vitest";
import { delay } from "../../../src/core/wait.ts";
import { GlyphpoolError } from "../../../src/errors.ts";
import { WorkerKeeper } from "../../../src/rpc/keeper.ts";
import type { Link } from "../../../src/rpc/link.ts";
import { FakeWorker, forever } from "../pool/fake-worker.ts";

interface Api {
  init(options: object): Promise<never>;
}

type Start = (link: Link<Api>, failure: GlyphpoolError | undefined) => Promise<string>;

let keeper: WorkerKeeper<Api, string> | undefined;
afterEach(() => keeper?.close());

/** @param start of the first, second, … worker; further ones take the last */
function rig(
  starts: Start[],
  backOff = 0,
): { keep: WorkerKeeper<Api, string>; workers: FakeWorker[] } {
  const workers: FakeWorker[] = [];
  const keep = new WorkerKeeper<Api, string>({
    title: "test worker",
    spawn: () => {
      workers.push(new FakeWorker());
      return workers.at(-1) as FakeWorker;
    },
    start: (link, failure) =>
      (starts[Math.min(workers.length, starts.length) - 1] as Start)(link, failure),
    retry: () => true,
    respawn: { minLife: 0, backOff, maxBackOff: backOff },
    random: () => 1,
  });
  keeper = keep;
  return { keep, workers };
}

const ready: Start = async (_, failure) => (failure ? "second best" : "best");
/** Waits for the worker's answer, which comes never; rejects with its death. */
const hanging: Start = (link) => link.start(() => forever(), 0);

describe("suspending while a worker starts", () => {
  it("ends it, starts nothing until it is resumed, and is no failure of the platform", async () => {
    const { keep, workers } = rig([hanging, ready]);
    const starting = keep.ensure();
    await delay(5);
    keep.suspend("its page was put aside");
    expect(workers[0]?.terminated).toBe(true);
    await delay(20);
    expect(workers).toHaveLength(1);
    keep.resume();
    // Not "second best": the first start did not fail, it was ended.
    await expect(starting).resolves.toMatchObject({ state: "best" });
    expect(keep.counts).toEqual({ spawns: 2, deaths: 0, recycles: 1 });
  });

  it("and resuming at once starts it again", async () => {
    const { keep } = rig([hanging, ready]);
    const starting = keep.ensure();
    await delay(5);
    keep.end("it was asked for");
    await expect(starting).resolves.toMatchObject({ state: "best" });
  });

  it("does so during the back-off as well", async () => {
    const { keep, workers } = rig([ready], 60);
    for (let death = 0; death < 2; death++) {
      await keep.ensure();
      workers.at(-1)?.crash("boom");
    }
    const third = keep.ensure();
    await delay(10);
    expect(workers).toHaveLength(2);
    keep.suspend("its page was put aside");
    await delay(100);
    expect(workers).toHaveLength(2);
    keep.resume();
    await expect(third).resolves.toMatchObject({ state: "best" });
    expect(workers).toHaveLength(3);
  });

  it("can be followed by the end", async () => {
    const { keep, workers } = rig([hanging]);
    const starting = keep.ensure();
    await delay(5);
    keep.suspend("its page was put aside");
    keep.close();
    await expect(starting).rejects.toMatchObject({ code: "ENGINE_CLOSED" });
    expect(workers).toHaveLength(1);
  });
});

describe("a start that fails", () => {
  it("is tried once more where that may help, and leaves nothing behind for the next", async () => {
    const failure = new GlyphpoolError("INTERNAL", "not now");
    const fails: Start = () => Promise.reject(failure);
    const { keep, workers } = rig([fails, fails, ready]);
    await expect(keep.ensure()).rejects.toBe(failure);
    expect(workers.map(({ terminated }) => terminated)).toEqual([true, true]);
    await expect(keep.ensure()).resolves.toMatchObject({ state: "best" });
  });
});
