import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { installShutdown } from "../../src/tasks/shutdown.ts";

let id: string;
let channel: BroadcastChannel;
let lines: string[];
let ends: (() => void)[];

beforeEach(() => {
  id = crypto.randomUUID();
  lines = [];
  ends = [];
  channel = new BroadcastChannel(id);
  channel.addEventListener("message", ({ data }) => lines.push(data));
});

afterEach(() => {
  for (const end of ends) end();
  channel.close();
});

function script(): string {
  const url = new URL("./shutdown-context.ts", import.meta.url);
  const source = `${url.origin}${url.pathname}?id=${id}`;
  return `<!doctype html><script type="module" src="${source}"></script>`;
}

const says = (line: string): Promise<void> =>
  vi.waitFor(() => expect(lines.map((said) => said.slice(0, line.length))).toContain(line), {
    timeout: 20_000,
    interval: 5,
  });

/** A page of its own in a frame, ready. */
async function page(): Promise<HTMLIFrameElement> {
  const frame = document.createElement("iframe");
  frame.srcdoc = script();
  document.body.append(frame);
  ends.push(() => frame.remove());
  await says("ready");
  expect(lines).toEqual(["ready pagehide pageshow freeze resume"]);
  return frame;
}

/** All within the event: the engine is closed and the task has released what it held. */
const ENDED = ["close with 1 running", "cancelled", "pagehide false"];

describe("a real page", () => {
  it("closes its engine when it is left for another, in the event itself", async () => {
    const frame = await page();
    // A string of the document's own origin: the frame goes elsewhere and its page is thrown away.
    frame.srcdoc = "<p>elsewhere</p>";
    await says("pagehide");
    expect(lines.slice(1)).toEqual(ENDED);
  });

  it("closes its engine when a window is closed", async () => {
    const opened = window.open("about:blank", "_blank", "popup");
    if (!opened) throw new Error("The window was blocked.");
    opened.document.write(script());
    // A module runs when its document is complete.
    opened.document.close();
    ends.push(() => opened.close());
    await says("ready");
    opened.close();
    await says("pagehide");
    expect(lines.slice(1)).toEqual(ENDED);
  });

  it("tears down on the way into the cache and goes on after it", async () => {
    const frame = await page();
    const inside = frame.contentWindow as Window & {
      PageTransitionEvent: typeof PageTransitionEvent;
    };
    const event = (name: string): Event =>
      new inside.PageTransitionEvent(name, { persisted: true });
    inside.dispatchEvent(event("pagehide"));
    inside.document.dispatchEvent(new Event("freeze"));
    inside.document.dispatchEvent(new Event("resume"));
    inside.dispatchEvent(event("pageshow"));
    await says("resume");
    expect(lines.slice(1)).toEqual(["teardown", "pagehide true", "resume"]);
    frame.srcdoc = "<p>elsewhere</p>";
    await says("pagehide false");
    expect(lines.slice(-3)).toEqual(ENDED);
  });

  it("hears nothing after the handle was disposed", () => {
    let closed = 0;
    const target = { drain: async () => undefined, close: () => void closed++ };
    const [first, second] = [installShutdown(target), installShutdown(target)];
    first[Symbol.dispose]();
    second[Symbol.dispose]();
    window.dispatchEvent(new PageTransitionEvent("pagehide", { persisted: false }));
    expect(closed).toBe(0);
    const third = installShutdown(target);
    window.dispatchEvent(new PageTransitionEvent("pagehide", { persisted: false }));
    window.dispatchEvent(new PageTransitionEvent("pagehide", { persisted: false }));
    expect(closed).toBe(1);
    third[Symbol.dispose]();
  });

  it("has nothing to listen to in a worker", async () => {
    const shutdown = new URL("../../src/tasks/shutdown.ts", import.meta.url);
    const code = `import { installShutdown } from "${shutdown.origin}${shutdown.pathname}";
      postMessage(installShutdown({ drain: async () => {}, close() {} }).listensTo);`;
    const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    const worker = new Worker(url, { type: "module" });
    ends.push(() => worker.terminate());
    const heard = await new Promise((resolve, reject) => {
      worker.addEventListener("message", ({ data }) => resolve(data));
      worker.addEventListener("error", ({ message }) => reject(new Error(message)));
    });
    URL.revokeObjectURL(url);
    expect(heard).toEqual([]);
  });
});
