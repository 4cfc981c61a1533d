import { describe, expect, it } from "vitest";
import { PageShutdown } from "../../../src/tasks/shutdown-browser.ts";
import type { ShutdownTarget } from "../../../src/tasks/shutdown-target.ts";

/** An event target that counts its listeners. */
class CountedTarget extends EventTarget {
  readonly names: string[] = [];
  override addEventListener(
    name: string,
    listener: EventListener,
    options: AddEventListenerOptions,
  ): void {
    super.addEventListener(name, listener, options);
    this.names.push(name);
    options.signal?.addEventListener("abort", () => {
      this.names.splice(this.names.indexOf(name), 1);
    });
  }
}

function setUp() {
  const window = new CountedTarget();
  const document = new CountedTarget();
  const log: string[] = [];
  const note = (name: string) => () => void log.push(name);
  const target: ShutdownTarget = {
    drain: async () => note("drain")(),
    close: note("close"),
    teardown: note("teardown"),
    resume: note("resume"),
  };
  const hide = (persisted: boolean): void => {
    window.dispatchEvent(Object.assign(new Event("pagehide"), { persisted }));
  };
  const fire = (at: EventTarget, name: string): boolean =>
    at.dispatchEvent(new Event(name, { cancelable: true }));
  return {
    window,
    document,
    log,
    note,
    target,
    hide,
    fire,
    shutdown: new PageShutdown({ window, document }),
  };
}

describe("shutdown of a page", () => {
  it("closes once when the page is thrown away, and stops listening", () => {
    const { window, document, log, target, hide, shutdown } = setUp();
    shutdown.install(target);
    shutdown.install(target);
    hide(false);
    hide(false);
    expect(log).toEqual(["close"]);
    expect([window.names, document.names]).toEqual([[], []]);
  });

  it("tears down once on the way into the cache, though it is frozen there too, and resumes", () => {
    const { window, document, log, target, hide, fire, shutdown } = setUp();
    shutdown.install(target);
    hide(true);
    fire(document, "freeze");
    expect(log).toEqual(["teardown"]);
    fire(document, "resume");
    fire(window, "pageshow");
    expect(log).toEqual(["teardown", "resume"]);
    fire(document, "freeze");
    fire(document, "resume");
    expect(log).toEqual(["teardown", "resume", "teardown", "resume"]);
    hide(false);
    expect(log.at(-1)).toBe("close");
  });

  it("does nothing on the first pageshow, and never closes what cannot be torn down", () => {
    const { window, log, note, hide, fire, shutdown } = setUp();
    shutdown.install({ drain: async () => undefined, close: note("close") });
    fire(window, "pageshow");
    hide(true);
    fire(window, "pageshow");
    expect(log).toEqual([]);
  });

  it("listens to beforeunload only while somebody wants it, and never cancels it", () => {
    const { window, log, note, target, fire, shutdown } = setUp();
    const plain = shutdown.install(target);
    expect(plain.listensTo).toEqual(["pagehide", "pageshow", "freeze", "resume"]);
    expect(window.names).not.toContain("beforeunload");
    const eager = shutdown.install({ ...target, prepare: note("prepare") });
    expect(eager.listensTo).toContain("beforeunload");
    expect(fire(window, "beforeunload")).toBe(true);
    expect(log).toEqual(["prepare"]);
    eager[Symbol.dispose]();
    expect(window.names).toEqual(["pagehide", "pageshow"]);
    plain[Symbol.dispose]();
    plain[Symbol.dispose]();
    expect(window.names).toEqual([]);
  });

  it("shares its listeners among engines, and a removed one hears no more", () => {
    const { window, document, log, note, target, hide, fire, shutdown } = setUp();
    shutdown.install(target);
    const gone = shutdown.install({ ...target, teardown: note("second"), resume: note("never") });
    expect(window.names).toEqual(["pagehide", "pageshow"]);
    fire(document, "freeze");
    gone[Symbol.dispose]();
    fire(document, "resume");
    expect(log).toEqual(["teardown", "second", "resume"]);
    hide(true);
    expect(log.at(-1)).toBe("teardown");
  });

  it("reports what a target throws, and goes on with the others", async () => {
    const { log, target, hide, shutdown } = setUp();
    const errors: string[] = [];
    const bad: ShutdownTarget = {
      ...target,
      close() {
        throw new Error("close");
      },
    };
    shutdown.install(bad, { onError: (error) => errors.push(String(error)) });
    shutdown.install(target);
    hide(false);
    await Promise.resolve();
    expect(errors).toEqual(["Error: close"]);
    expect(log).toEqual(["close"]);
  });
});
