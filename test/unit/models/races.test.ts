/** The manager under every order of events: claims, evictions, failures and the ends of leases. */
import {
  array,
  assert,
  asyncProperty,
  boolean,
  constant,
  constantFrom,
  integer,
  oneof,
  record,
  scheduler,
} from "fast-check";
import type { Scheduler } from "fast-check";
import { describe, expect, it } from "vitest";
import { GlyphpoolError } from "../../../src/errors.ts";
import type { ModelSource } from "../../../src/models/lease.ts";
import { modelOf, rigOf, turn } from "./manager-rig.ts";
import type { Rig } from "./manager-rig.ts";

const MODELS = [modelOf("a", 20), modelOf("b", 30), modelOf("c", 40), modelOf("d", 70)] as const;
const EXPECTED = new Set([
  "ABORTED",
  "MEMORY_EXHAUSTED",
  "GPU_OUT_OF_MEMORY",
  "MODEL_DOWNLOAD_FAILED",
]);

interface Work {
  /** Acquired one inside the other, as a page does. */
  readonly models: readonly number[];
  readonly aborts: boolean;
  readonly ownTask: boolean;
}

type Action =
  | ({ readonly kind: "work" } & Work)
  | { readonly kind: "evict"; readonly bytes: number }
  | { readonly kind: "teardown" | "timeout" | "recycle" };

const index = integer({ min: 0, max: MODELS.length - 1 });
const work = record({
  kind: constant("work" as const),
  models: array(index, { minLength: 1, maxLength: 3 }),
  aborts: boolean(),
  ownTask: boolean(),
});
const actions = array(
  oneof(
    { weight: 6, arbitrary: work },
    {
      weight: 2,
      arbitrary: record({ kind: constant("evict" as const), bytes: integer({ min: 0, max: 120 }) }),
    },
    { weight: 2, arbitrary: record({ kind: constantFrom("teardown", "timeout", "recycle") }) },
  ),
  { minLength: 1, maxLength: 10 },
);

class Run {
  readonly rig: Rig;
  readonly #s: Scheduler;
  /** What went wrong; thrown errors could get lost in the manager. */
  readonly violations: string[] = [];
  /** Leases in the tests' hands, by model. */
  readonly #held = new Map<string, number>();

  constructor(s: Scheduler, budget: number, faults: readonly boolean[]) {
    this.#s = s;
    this.rig = rigOf({ budget, idleTimeout: 10 });
    const { world } = this.rig;
    world.step = (label) => s.schedule(Promise.resolve(), label);
    let step = 0;
    world.fault = (kind) => kind !== "release" && faults[step++ % faults.length] === true;
    world.onRelease = (id) => this.#ensure(!this.#held.get(id), `${id} unloaded under a lease`);
  }

  check(): void {
    const { world, manager } = this.rig;
    for (const [id, sessions] of world.live) this.#ensure(sessions <= 1, `${id} loaded twice`);
    for (const { id, leases, state } of manager.models) {
      const held = this.#held.get(id) ?? 0;
      this.#ensure(leases >= held, `${id} has ${leases} leases, not ${held}`);
      this.#ensure(held === 0 || state === "ready", `${id} is lent and ${state}`);
    }
  }

  /** Lets everything happen, in the scheduler's order, until nothing more happens. */
  async drain(): Promise<void> {
    for (let quiet = 0; quiet < 3; quiet++) {
      while (this.#s.count() > 0) {
        quiet = 0;
        await this.#s.waitOne();
        this.check();
      }
      await turn();
    }
  }

  #ensure(holds: boolean, otherwise: string): void {
    if (!holds) this.violations.push(otherwise);
  }

  async act(action: Action): Promise<void> {
    const { manager, timers } = this.rig;
    await this.#s.schedule(Promise.resolve(), action.kind);
    if (action.kind === "work") await this.#work(action);
    else if (action.kind === "evict") await manager.evict(action.bytes);
    else if (action.kind === "teardown") await manager.teardown();
    else if (action.kind === "timeout") await timers.advance(20);
    else await manager.whileEmpty("recycle", () => this.#recycle());
  }

  async #recycle(): Promise<void> {
    const { live } = this.rig.world;
    const empty = (): boolean => [...live.values()].every((sessions) => sessions === 0);
    this.#ensure(empty(), "a session lives while the device is recycled");
    await this.#s.schedule(Promise.resolve(), "recycling");
    this.#ensure(empty(), "a load began while the device is recycled");
  }

  async #work({ models, aborts, ownTask }: Work): Promise<void> {
    const controller = new AbortController();
    const { manager } = this.rig;
    const source = ownTask ? manager.forTask() : manager;
    if (aborts) void this.#s.schedule(Promise.resolve(), "abort").then(() => controller.abort());
    try {
      await this.#hold(source, models, controller.signal);
    } catch (error) {
      if (!GlyphpoolError.is(error) || !EXPECTED.has(error.code)) throw error;
    }
  }

  async #hold(source: ModelSource, models: readonly number[], signal: AbortSignal): Promise<void> {
    const [first, ...rest] = models;
    if (first === undefined) return;
    const model = MODELS[first] as (typeof MODELS)[number];
    using lease = await source.acquire(model, signal);
    this.#count(model.id, 1);
    try {
      this.check();
      await this.#s.schedule(Promise.resolve(), `use ${model.id}`);
      await lease.session.run({});
      await this.#hold(source, rest, signal);
      await lease.session.run({});
    } finally {
      this.#count(model.id, -1);
    }
  }

  #count(id: string, by: number): void {
    this.#held.set(id, (this.#held.get(id) ?? 0) + by);
  }
}

describe("ModelManager in any order of events", () => {
  it.each([
    ["without a budget", Infinity],
    ["with room for two or three models", 100],
    ["with room for hardly any", 70],
  ])(
    "%s: one load at a time, no unload under a lease, and every claim settles",
    async (_, budget) => {
      const faults = array(boolean(), { minLength: 1, maxLength: 5 });
      await assert(
        asyncProperty(scheduler(), actions, faults, async (s, todo, failing) => {
          const run = new Run(s, budget, failing);
          const { manager, world } = run.rig;
          const failures: unknown[] = [];
          let open = todo.length;
          const fail = (error: unknown): unknown => failures.push(error);
          for (const action of todo)
            void run
              .act(action)
              .catch(fail)
              .then(() => open--);
          await run.drain();
          // With nothing left to happen, a claim that is still open would be so for ever.
          expect({ open, failures, violations: run.violations }).toEqual({
            open: 0,
            failures: [],
            violations: [],
          });
          expect(world.peak).toBeLessThanOrEqual(budget);
          expect(manager.models.every(({ leases }) => leases === 0)).toBe(true);

          world.step = () => Promise.resolve();
          world.fault = () => false;
          // After any failure the next claim works.
          for (const model of MODELS) (await manager.acquire(model))[Symbol.dispose]();
          await manager.teardown();
          expect(manager.models.map(({ state }) => state)).toEqual(MODELS.map(() => "unloaded"));
          expect([...world.live.values()]).toEqual(MODELS.map(() => 0));
          expect(run.rig.timers.pending).toBe(0);
        }),
        { numRuns: 150 },
      );
    },
  );
});
