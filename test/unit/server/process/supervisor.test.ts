import { describe, expect, it } from "vitest";
import { RESTART, RestartGuard } from "../../../../src/server/process/restart-guard.ts";
import { Supervisor } from "../../../../src/server/process/supervisor.ts";
import type { Child } from "../../../../src/server/process/supervisor.ts";

/** Children that live as long, and end with such codes, as it is told; the last one until it is killed. */
function script(runs: readonly (readonly [code: number, lives: number])[]): {
  readonly supervisor: Supervisor;
  readonly waits: number[];
  readonly kills: string[];
  readonly started: () => number;
} {
  const waits: number[] = [];
  const kills: string[] = [];
  let [now, started] = [0, 0];
  const start = (): Child => {
    const run = runs[started++];
    if (run) {
      const [code, lives] = run;
      now += lives;
      return { ended: Promise.resolve(code), kill: () => undefined };
    }
    let end: (code: number) => void = () => undefined;
    const ended = new Promise<number>((resolve) => (end = resolve));
    return {
      ended,
      kill: (signal) => {
        kills.push(signal);
        if (kills.length === 2) end(137);
      },
    };
  };
  const supervisor = new Supervisor({
    start,
    wait: async (milliseconds) => void waits.push(milliseconds),
    now: () => now,
    onRestart: () => undefined,
  });
  return { supervisor, waits, kills, started: () => started };
}

describe("Supervisor", () => {
  it("starts again at once when it is asked to, and ends with the server", async () => {
    const { supervisor, waits, started } = script([
      [RESTART, 1_000],
      [RESTART, 1_000],
      [0, 1_000],
    ]);
    expect(await supervisor.run()).toBe(0);
    expect(started()).toBe(3);
    expect(waits).toEqual([]);
  });

  it("waits longer after each crash in a row", async () => {
    const crashes = Array.from({ length: 8 }, () => [1, 100] as const);
    const { supervisor, waits } = script([...crashes, [0, 1]]);
    await supervisor.run();
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it("forgets crashes after a good run", async () => {
    const { supervisor, waits } = script([
      [1, 100],
      [1, 100],
      [1, 100_000],
      [0, 1],
    ]);
    await supervisor.run();
    expect(waits).toEqual([500, 1_000, 500]);
  });

  it("does not repeat wrong settings", async () => {
    const { supervisor, started } = script([[2, 10]]);
    expect(await supervisor.run()).toBe(2);
    expect(started()).toBe(1);
  });

  it("passes a signal on, and the second one as a kill", async () => {
    const { supervisor, kills, started } = script([]);
    const running = supervisor.run();
    supervisor.stop();
    supervisor.stop();
    expect(await running).toBe(137);
    expect(kills).toEqual(["SIGTERM", "SIGKILL"]);
    expect(started()).toBe(1);
  });
});

describe("RestartGuard", () => {
  const ok = { bytes: 10, level: "ok" } as const;

  it("asks when the process stays above its bound", () => {
    const guard = new RestartGuard({ maxProcess: 100, samples: 3, criticalSamples: 99 });
    const large = { bytes: 101, level: "ok" } as const;
    expect([large, large, ok, large, large].map((sample) => guard.see(sample))).toEqual(
      Array.from({ length: 5 }),
    );
    expect(guard.see(large)).toContain("101");
  });

  it("asks when the memory stays critical", () => {
    const guard = new RestartGuard({ maxProcess: undefined, samples: 1, criticalSamples: 2 });
    const critical = { bytes: 1e12, level: "critical" } as const;
    expect(guard.see(critical)).toBeUndefined();
    expect(guard.see(ok)).toBeUndefined();
    expect(guard.see(critical)).toBeUndefined();
    expect(guard.see(critical)).toContain("critical");
  });
});
