import { describe, expect, it } from "vitest";
import { SignalShutdown } from "../../../src/tasks/shutdown-deno.ts";
import type { ProcessSignals } from "../../../src/tasks/shutdown-deno.ts";
import type { ShutdownTarget } from "../../../src/tasks/shutdown-target.ts";
import { ManualClock } from "./manual-clock.ts";

const turns = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** A process that only notes what becomes of it. */
class FakeProcess implements ProcessSignals {
  readonly numbers: Readonly<Record<string, number>> = { SIGINT: 2, SIGTERM: 15 };
  readonly exits: number[] = [];
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #unknown: readonly string[];

  constructor(unknown: readonly string[] = []) {
    this.#unknown = unknown;
  }

  get listeners(): number {
    return [...this.#listeners.values()].reduce((sum, { size }) => sum + size, 0);
  }

  listen(signal: string, listener: () => void): void {
    if (this.#unknown.includes(signal)) throw new TypeError(`${signal} is not supported`);
    const set = this.#listeners.get(signal) ?? new Set();
    this.#listeners.set(signal, set.add(listener));
  }

  unlisten(signal: string, listener: () => void): void {
    this.#listeners.get(signal)?.delete(listener);
  }

  exit(code: number): void {
    this.exits.push(code);
  }

  /** False when nobody listens: the real process would be ended by it. */
  send(signal: string): boolean {
    const set = [...(this.#listeners.get(signal) ?? [])];
    for (const listener of set) listener();
    return set.length > 0;
  }
}

/** An engine whose drain ends when the test says so. */
class Target implements ShutdownTarget {
  readonly log: string[] = [];
  #done: (() => void) | undefined;

  drain(deadline: number): Promise<void> {
    this.log.push(`drain ${deadline}`);
    return new Promise((resolve) => (this.#done = resolve));
  }

  close(): void {
    this.log.push("close");
  }

  finish(): void {
    this.#done?.();
  }
}

function setUp(unknown?: readonly string[]) {
  const process = new FakeProcess(unknown);
  const clock = new ManualClock();
  return { process, clock, shutdown: new SignalShutdown(process, clock), target: new Target() };
}

describe("shutdown by signals", () => {
  it("drains in the same turn, closes when that is done, and exits with 128 + n", async () => {
    const { process, clock, shutdown, target } = setUp();
    shutdown.install(target, { drainDeadline: 500 });
    process.send("SIGTERM");
    expect(target.log).toEqual(["drain 500"]);
    await turns();
    expect(process.exits).toEqual([]);
    target.finish();
    await turns();
    expect(target.log).toEqual(["drain 500", "close"]);
    expect(process.exits).toEqual([143]);
    expect([clock.pending, process.listeners]).toEqual([0, 0]);
  });

  it("closes at the deadline when the drain ignores it, and exits when the close hangs too", async () => {
    const { process, clock, shutdown, target } = setUp();
    const hung: ShutdownTarget = {
      drain: () => new Promise(() => {}),
      close: () => new Promise(() => {}),
    };
    shutdown.install(target, { drainDeadline: 100 });
    shutdown.install(hung, { drainDeadline: 300, closeDeadline: 50 });
    process.send("SIGINT");
    clock.advance(100);
    await turns();
    expect(target.log).toEqual(["drain 100", "close"]);
    expect(process.exits).toEqual([]);
    clock.advance(200);
    await turns();
    clock.advance(49);
    await turns();
    expect(process.exits).toEqual([]);
    clock.advance(1);
    await turns();
    expect(process.exits).toEqual([130]);
  });

  it("exits at once on the second signal, whichever it is, and never twice", async () => {
    const { process, shutdown, target } = setUp();
    shutdown.install(target);
    process.send("SIGTERM");
    process.send("SIGINT");
    expect(process.exits).toEqual([130]);
    expect(target.log).toEqual(["drain 10000"]);
    target.finish();
    await turns();
    expect(process.exits).toEqual([130]);
    expect(process.send("SIGTERM")).toBe(false);
  });

  it("with an exit callback the process goes on: the second signal closes, all callbacks are called once", async () => {
    const { process, shutdown, target } = setUp();
    const other = new Target();
    const codes: string[] = [];
    const exit = (code: number): void => void codes.push(`shared ${code}`);
    shutdown.install(target, { exit });
    shutdown.install(other, { exit });
    shutdown.install(new Target(), { exit: (code) => void codes.push(`own ${code}`) });
    process.send("SIGTERM");
    process.send("SIGTERM");
    expect([target.log.at(-1), other.log.at(-1)]).toEqual(["close", "close"]);
    target.finish();
    await turns();
    expect(codes).toEqual(["shared 143", "own 143"]);
    expect(target.log.filter((entry) => entry === "close")).toHaveLength(1);
    expect([process.exits, process.listeners]).toEqual([[], 0]);
  });

  it("works again for what is installed after a shutdown that did not end the process", async () => {
    const { process, shutdown, target } = setUp();
    const codes: number[] = [];
    shutdown.install(new Target(), { exit: (code) => void codes.push(code) });
    process.send("SIGTERM");
    shutdown.install(target, { exit: (code) => void codes.push(code) });
    process.send("SIGTERM");
    expect(codes).toEqual([143]);
    expect(target.log).toEqual([]);
    process.send("SIGINT");
    target.finish();
    await turns();
    expect(target.log).toEqual(["drain 10000", "close"]);
    expect(codes).toEqual([143, 130]);
  });

  it("shares one listener per signal, shuts a target down once, and leaves nothing behind", async () => {
    const { process, shutdown, target } = setUp();
    const first = shutdown.install(target);
    const second = shutdown.install(target);
    expect(first.listensTo).toEqual(["SIGINT", "SIGTERM"]);
    expect(process.listeners).toBe(2);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    expect(process.listeners).toBe(2);
    second[Symbol.dispose]();
    expect(process.listeners).toBe(0);
    shutdown.install(target);
    shutdown.install(target);
    process.send("SIGTERM");
    expect(target.log).toEqual(["drain 10000"]);
  });

  it("still hears the second signal when the engine removes itself while it closes", async () => {
    const { process, shutdown, target } = setUp();
    const handle = shutdown.install(target);
    process.send("SIGTERM");
    handle[Symbol.dispose]();
    expect(process.send("SIGTERM")).toBe(true);
    expect(process.exits).toEqual([143]);
  });

  it("does without a signal that the platform does not know", () => {
    const { process, shutdown, target } = setUp(["SIGTERM"]);
    expect(shutdown.install(target).listensTo).toEqual(["SIGINT"]);
    expect(process.send("SIGTERM")).toBe(false);
    expect(process.send("SIGINT")).toBe(true);
  });

  it("reports what a target throws, and goes on with the others", async () => {
    const { process, shutdown, target } = setUp();
    const errors: string[] = [];
    const bad: ShutdownTarget = {
      drain() {
        throw new Error("drain");
      },
      close: () => Promise.reject(new Error("close")),
    };
    shutdown.install(bad, { onError: (error) => errors.push(String(error)) });
    shutdown.install(target);
    process.send("SIGTERM");
    target.finish();
    await turns();
    expect(errors).toEqual(["Error: drain", "Error: close"]);
    expect(target.log.at(-1)).toBe("close");
    expect(process.exits).toEqual([143]);
  });
});
