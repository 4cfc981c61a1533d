import { describe, expect, it } from "vitest";
import { TaskRegistry } from "../../../src/tasks/completion.ts";
import { runTask } from "../../../src/tasks/run-task.ts";

describe("TaskRegistry", () => {
  it("tells listeners until they are removed; bad ones are reported and harm nobody", async () => {
    const errors: string[] = [];
    const names: string[] = [];
    const registry = new TaskRegistry((error) => errors.push(String(error)));
    const bad = registry.onTaskComplete(() => {
      throw new Error("now");
    });
    registry.onTaskComplete(() => Promise.reject(new Error("later")));
    registry.onTaskComplete(({ name }) => void names.push(name));
    await runTask(() => 1, { registry, name: "a" });
    await Promise.resolve();
    expect(names).toEqual(["a"]);
    expect(errors.toSorted()).toEqual(["Error: later", "Error: now"]);
    bad[Symbol.dispose]();
    await runTask(() => 1, { registry, name: "b" });
    await Promise.resolve();
    expect(names).toEqual(["a", "b"]);
    expect(errors).toHaveLength(3);
  });

  it("tells before the promise settles and after everything is released", async () => {
    const log: string[] = [];
    const registry = new TaskRegistry();
    registry.onTaskComplete(() => void log.push("heard"));
    await runTask(({ defer }) => defer(() => void log.push("released")), { registry });
    log.push("settled");
    expect(log).toEqual(["released", "heard", "settled"]);
  });

  it("counts what runs, and a cancelled task runs until its function has settled", async () => {
    const registry = new TaskRegistry();
    const aborter = new AbortController();
    let finish!: () => void;
    const work = new Promise<void>((resolve) => (finish = resolve));
    const task = runTask(() => work, { registry, signal: aborter.signal });
    let idle = false;
    const waiting = registry.whenIdle().then(() => (idle = true));
    aborter.abort();
    await expect(task).rejects.toMatchObject({ code: "ABORTED" });
    expect([registry.running, idle]).toEqual([1, false]);
    finish();
    await waiting;
    expect([registry.running, idle]).toEqual([0, true]);
    await registry.whenIdle();
  });

  it("gives every task an id of its own, rising", async () => {
    const registry = new TaskRegistry();
    const ids: number[] = [];
    registry.onTaskComplete(({ id }) => void ids.push(id));
    for (let i = 0; i < 3; i++) await runTask(() => i, { registry });
    expect(new Set(ids).size).toBe(3);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  });
});
