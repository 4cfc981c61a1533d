import { array, assert, asyncProperty, constantFrom, integer, property, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import { TabBudget, shareOf } from "../../../../src/pool/tabs/budget.ts";
import type { TabBudgetOptions } from "../../../../src/pool/tabs/budget.ts";
import { FakeOrigin } from "../../tasks/fake-tabs.ts";
import { ManualClock } from "../../tasks/manual-clock.ts";

const MB = 1e6;
/** Long enough for every promise of the fake origin: it has no timers. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

function tab(origin: FakeOrigin, options: Partial<TabBudgetOptions> = {}) {
  const { platform, crash } = origin.open();
  const heard: number[] = [];
  const clock = new ManualClock();
  const budget = new TabBudget({
    budget: 600 * MB,
    key: "gpu",
    platform,
    onShare: (bytes) => void heard.push(bytes / MB),
    after: (ms, callback) => clock.after(ms, callback),
    ...options,
  });
  return { budget, crash, heard, clock };
}

describe("shareOf", () => {
  it("is equal among equals, and leaves the idle a tenth while others are busy", () => {
    expect(shareOf(600, { tabs: 1, busy: 0, selfBusy: false })).toBe(600);
    expect(shareOf(600, { tabs: 3, busy: 0, selfBusy: false })).toBe(200);
    expect(shareOf(600, { tabs: 3, busy: 3, selfBusy: true })).toBe(200);
    expect(shareOf(600, { tabs: 3, busy: 1, selfBusy: true })).toBe(480);
    expect(shareOf(600, { tabs: 3, busy: 1, selfBusy: false })).toBe(60);
    expect(shareOf(600, { tabs: 20, busy: 1, selfBusy: false })).toBe(30);
  });

  it("never gives away more than the budget, and never less to the busy than to the idle", () => {
    assert(
      property(integer({ min: 0, max: 2 ** 40 }), integer({ min: 1, max: 50 }), (budget, tabs) => {
        for (let busy = 1; busy <= tabs; busy++) {
          const active = shareOf(budget, { tabs, busy, selfBusy: true });
          const idle = shareOf(budget, { tabs, busy, selfBusy: false });
          expect(busy * active + (tabs - busy) * idle).toBeLessThanOrEqual(budget);
          expect(active).toBeGreaterThanOrEqual(Math.floor(budget / tabs));
          expect(active).toBeGreaterThanOrEqual(idle);
        }
      }),
    );
  });
});

describe("TabBudget", () => {
  it("divides among tabs as they come, leave and crash", async () => {
    const origin = new FakeOrigin();
    const tabs = [tab(origin), tab(origin), tab(origin)] as const;
    expect(await tabs[0].budget.join()).toBe(600 * MB);
    expect(await tabs[1].budget.join()).toBe(300 * MB);
    expect(await tabs[2].budget.join()).toBe(200 * MB);
    await settled();
    expect(tabs[0].heard).toEqual([300, 200]);
    tabs[1].crash();
    await settled();
    expect(tabs[0].heard).toEqual([300, 200, 300]);
    await tabs[2].budget.leave();
    await settled();
    expect(tabs[0].heard).toEqual([300, 200, 300, 600]);
    expect(tabs[2].budget.share).toBe(600 * MB);
    await tabs[0].budget.leave();
    expect([origin.held, origin.waiting, origin.channels]).toEqual([0, 0, 0]);
  });

  it("notices the dead even when every message is lost", async () => {
    const origin = new FakeOrigin();
    origin.deaf = true;
    const [first, second] = [tab(origin), tab(origin)];
    await first.budget.join();
    await second.budget.join();
    expect(second.budget.count.tabs).toBe(2);
    first.crash();
    await settled();
    expect(second.budget.share).toBe(600 * MB);
  });

  it("moves bytes to the busy at once, and back only after a while", async () => {
    const origin = new FakeOrigin();
    const [busy, idle] = [tab(origin, { idleAfter: 100 }), tab(origin)];
    await busy.budget.join();
    await idle.budget.join();
    busy.budget.setBusy(true);
    await settled();
    expect([busy.budget.share, idle.budget.share]).toEqual([540 * MB, 60 * MB]);
    busy.budget.setBusy(false);
    busy.clock.advance(99);
    busy.budget.setBusy(true);
    busy.clock.advance(99);
    await settled();
    expect(busy.budget.share).toBe(540 * MB);
    busy.budget.setBusy(false);
    busy.clock.advance(100);
    await settled();
    expect([busy.budget.share, idle.budget.share]).toEqual([300 * MB, 300 * MB]);
  });

  it("keeps other GPUs and other names apart, and divides a changed budget", async () => {
    const origin = new FakeOrigin();
    const [a, b, c] = [tab(origin), tab(origin, { key: "gpu:2" }), tab(origin, { key: "gpu" })];
    await Promise.all([a.budget.join(), b.budget.join(), c.budget.join()]);
    await settled();
    expect([a.budget.count.tabs, b.budget.count.tabs, c.budget.count.tabs]).toEqual([2, 1, 2]);
    a.budget.setBudget(100 * MB);
    expect(a.budget.share).toBe(50 * MB);
  });

  it("gives everything back when it leaves in the middle of joining", async () => {
    const origin = new FakeOrigin();
    const { budget } = tab(origin);
    const joining = budget.join();
    budget[Symbol.dispose]();
    await joining;
    await settled();
    expect([origin.held, origin.waiting, origin.channels]).toEqual([0, 0, 0]);
    expect(budget.share).toBe(600 * MB);
    expect(await budget.join()).toBe(600 * MB);
    expect(origin.held).toBe(1);
  });

  it("says why it shares nothing where tabs cannot be counted", async () => {
    const heard: number[] = [];
    const onShare = (bytes: number): void => void heard.push(bytes);
    const alone = new TabBudget({ budget: 5, key: "gpu", onShare });
    // Whether this Node has locks depends on its version; a page without them must say so.
    expect(alone.reason === "").toBe("locks" in nodeNavigator());
    const { platform } = new FakeOrigin().open();
    const denied = new TabBudget({
      budget: 5,
      key: "gpu",
      onShare,
      platform: {
        ...platform,
        locks: {
          ...platform.locks,
          request: () => Promise.reject(new DOMException("opaque", "SecurityError")),
        },
      },
    });
    expect(await denied.join()).toBe(5);
    expect(denied.reason).toContain("opaque");
    expect(heard).toEqual([]);
  });

  it("whatever tabs do, ends with equal parts of the living and nothing held by the others", async () => {
    const actions = ["join", "leave", "crash", "busy", "idle", "wait"] as const;
    await assert(
      asyncProperty(
        array(tuple(integer({ min: 0, max: 3 }), constantFrom(...actions)), { maxLength: 25 }),
        async (steps) => {
          const origin = new FakeOrigin();
          const tabs = [0, 1, 2, 3].map(() => ({
            ...tab(origin, { idleAfter: 0 }),
            joined: false,
            busy: false,
            dead: false,
          }));
          for (const [index, action] of steps) {
            const one = tabs[index];
            if (action === "wait") await settled();
            if (!one || one.dead) continue;
            if (action === "crash") one.crash();
            if (action === "crash") Object.assign(one, { dead: true, joined: false });
            // Not awaited: the next step comes in the middle of it.
            if (action === "join") void one.budget.join();
            if (action === "leave") void one.budget.leave();
            if (action === "join" || action === "leave") one.joined = action === "join";
            if (action === "leave") one.busy = false;
            if (action === "busy" || action === "idle") {
              one.busy = action === "busy";
              one.budget.setBusy(one.busy);
              one.clock.advance(0);
            }
          }
          await settled();
          const living = tabs.filter(({ joined }) => joined);
          const busy = living.filter((one) => one.busy).length;
          for (const one of living) {
            const count = { tabs: living.length, busy, selfBusy: one.busy };
            expect(one.budget.count).toEqual(count);
            expect(one.budget.share).toBe(shareOf(600 * MB, count));
          }
          expect(origin.held).toBe(living.length + busy);
          expect(origin.channels).toBe(living.length);
          expect(origin.waiting).toBe(living.length * Math.max(0, living.length - 1));
        },
      ),
      { numRuns: 500 },
    );
  });
});

function nodeNavigator(): object {
  return (globalThis as { navigator?: object }).navigator ?? {};
}
