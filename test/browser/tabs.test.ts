import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TabBudget } from "../../src/pool/tabs/budget.ts";

const MB = 1e6;
let key: string;
let reports: BroadcastChannel;
/** Share in bytes that each other context told last. */
let shares: Map<string, number>;
let ends: (() => void)[];
let own: TabBudget;
let heard: { at: number; share: number }[];

beforeEach(() => {
  key = crypto.randomUUID();
  shares = new Map();
  ends = [];
  heard = [];
  reports = new BroadcastChannel(`reports ${key}`);
  reports.addEventListener("message", ({ data }) => {
    shares.set(data.name, data.share ?? data.joined);
  });
  own = new TabBudget({
    budget: 600 * MB,
    key,
    idleAfter: 0,
    onShare: (share) => heard.push({ at: performance.now(), share }),
  });
});

afterEach(async () => {
  for (const end of ends) end();
  await own.leave();
  reports.close();
});

const source = (name: string): string => {
  const url = new URL("./tabs-context.ts", import.meta.url);
  return `${url.origin}${url.pathname}?name=${name}&key=${key}`;
};

/** Starts a context that joins. The result kills it without reporting an error. */
async function start(kind: "worker" | "frame" | "window", name: string): Promise<() => void> {
  const script = `<!doctype html><script type="module" src="${source(name)}"></script>`;
  let kill: () => void;
  if (kind === "worker") {
    const worker = new Worker(source(name), { type: "module" });
    kill = () => worker.terminate();
  } else if (kind === "frame") {
    const frame = document.createElement("iframe");
    frame.srcdoc = script;
    document.body.append(frame);
    kill = () => frame.remove();
  } else {
    const opened = window.open("about:blank", "_blank", "popup");
    if (!opened) throw new Error("The window was blocked.");
    opened.document.write(script);
    // A module runs when its document is complete.
    opened.document.close();
    kill = () => opened.close();
  }
  ends.push(kill);
  await until(() => shares.has(name));
  return kill;
}

const until = (holds: () => boolean): Promise<void> =>
  vi.waitFor(() => expect(holds()).toBe(true), { timeout: 20_000, interval: 2 });

const names = async (): Promise<string[]> => {
  const { held = [] } = await navigator.locks.query();
  return held.map(({ name = "" }) => name).filter((name) => name.includes(key));
};

describe("contexts of one origin", () => {
  it.each([
    ["worker", "worker"],
    ["frame", "window"],
  ] as const)(
    "1 → 3 → 1: %s and %s divide the budget and give it back when killed",
    async (a, b) => {
      expect(await own.join()).toBe(600 * MB);
      expect(own.reason).toBe("");
      const killFirst = await start(a, "first");
      await until(() => own.share === 300 * MB);
      expect(shares.get("first")).toBe(300 * MB);
      const killSecond = await start(b, "second");
      await until(() => own.share === 200 * MB && shares.get("first") === 200 * MB);
      expect(shares.get("second")).toBe(200 * MB);

      let killed = performance.now();
      killFirst();
      await until(() => own.share === 300 * MB && shares.get("second") === 300 * MB);
      const times = [(heard.at(-1)?.at ?? 0) - killed];
      killed = performance.now();
      killSecond();
      await until(() => own.share === 600 * MB);
      times.push((heard.at(-1)?.at ?? 0) - killed);
      console.log(
        `a killed ${a}, ${b} noticed after ${times.map((ms) => ms.toFixed(0)).join(", ")} ms`,
      );
      expect(heard.map(({ share }) => share / MB)).toEqual([300, 200, 300, 600]);
      expect(await names()).toHaveLength(1);
    },
  );

  it("a busy one gets what the idle do not need", async () => {
    await own.join();
    await start("worker", "first");
    await start("worker", "second");
    reports.postMessage({ to: "second", busy: true });
    await until(() => shares.get("second") === 480 * MB);
    await until(() => own.share === 60 * MB && shares.get("first") === 60 * MB);
    own.setBusy(true);
    await until(() => own.share === 270 * MB && shares.get("second") === 270 * MB);
    own.setBusy(false);
    reports.postMessage({ to: "second", busy: false });
    await until(() => own.share === 200 * MB && shares.get("second") === 200 * MB);
  });

  it("ten of them have one budget together, and leave nothing behind", async () => {
    const budgets = Array.from(
      { length: 10 },
      () => new TabBudget({ budget: 600 * MB, key, idleAfter: 0 }),
    );
    await Promise.all(budgets.map((budget) => budget.join()));
    await until(() => budgets.every(({ share }) => share === 60 * MB));
    await Promise.all(budgets.map((budget) => budget.leave()));
    expect(await names()).toEqual([]);
    const { pending = [] } = await navigator.locks.query();
    expect(pending.filter(({ name }) => name?.includes(key))).toEqual([]);
  });

  it("shares nothing where the page may not have locks", async () => {
    const frame = document.createElement("iframe");
    // Without allow-same-origin: an origin that nobody shares, and no locks.
    frame.sandbox.add("allow-scripts");
    frame.srcdoc = `<script>
      navigator.locks.request("x", () => 1).then(
        () => parent.postMessage("granted", "*"), (error) => parent.postMessage(error.name, "*"));
    </script>`;
    const answer = new Promise<string>((resolve) => {
      window.addEventListener("message", ({ data, source: from }) => {
        if (from === frame.contentWindow) resolve(data);
      });
    });
    document.body.append(frame);
    ends.push(() => frame.remove());
    expect(await answer).toBe("SecurityError");
    const denied = new TabBudget({
      budget: 5,
      key,
      platform: {
        locks: {
          request: () => Promise.reject(new DOMException("denied", "SecurityError")),
          query: () => navigator.locks.query(),
        } as unknown as LockManager,
        openChannel: (name) => new BroadcastChannel(name),
      },
    });
    expect(await denied.join()).toBe(5);
    expect(denied.reason).toContain("SecurityError");
  });
});
