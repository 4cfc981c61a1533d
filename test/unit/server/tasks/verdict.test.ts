import { describe, expect, it } from "vitest";
import { GlyphpoolError } from "../../../../src/errors.ts";
import { StoreUnavailable } from "../../../../src/server/store/task-store.ts";
import { decideRetry, isPassing, StoreFailure } from "../../../../src/server/tasks/verdict.ts";
import type { Attempt } from "../../../../src/server/tasks/verdict.ts";

const attempt = (part: Partial<Attempt>): Attempt => ({
  attempts: 1,
  maxAttempts: 3,
  blame: 0,
  alone: false,
  rerun: true,
  pages: 3,
  failed: 0,
  firstFailure: undefined,
  thrown: undefined,
  ...part,
});
const error = (code: GlyphpoolError["code"]): GlyphpoolError => new GlyphpoolError(code, "why");

describe("decideRetry", () => {
  it("succeeds when something could be read", () => {
    expect(decideRetry(attempt({}))).toEqual({ kind: "end", state: "succeeded" });
    const some = attempt({ failed: 1, firstFailure: error("IMAGE_CORRUPT") });
    expect(decideRetry(some)).toEqual({ kind: "end", state: "succeeded" });
  });

  it("fails when nothing could be read", () => {
    const none = attempt({ pages: 2, failed: 2, firstFailure: error("IMAGE_CORRUPT") });
    expect(decideRetry(none)).toMatchObject({ state: "failed", error: { code: "IMAGE_CORRUPT" } });
    const thrown = attempt({ pages: 0, thrown: error("PDF_CORRUPT") });
    expect(decideRetry(thrown)).toMatchObject({ state: "failed", error: { code: "PDF_CORRUPT" } });
  });

  it("says nothing of our bugs to the outside", () => {
    const bug = decideRetry(attempt({ thrown: new TypeError("secret path") }));
    expect(bug).toMatchObject({ state: "failed", error: { code: "INTERNAL" } });
    expect(JSON.stringify(bug)).not.toContain("secret");
  });

  it("tries again what is the fault of the place, later each time, and not for ever", () => {
    const at = (attempts: number): ReturnType<typeof decideRetry> =>
      decideRetry(attempt({ attempts, failed: 1, firstFailure: error("MEMORY_EXHAUSTED") }));
    expect(at(1)).toMatchObject({ kind: "again", counts: true, delay: 2_000 });
    expect(at(2)).toMatchObject({ kind: "again", counts: true, delay: 4_000 });
    expect(at(3)).toEqual({ kind: "end", state: "succeeded" });
    const all = attempt({ attempts: 3, pages: 0, thrown: error("MEMORY_EXHAUSTED") });
    expect(decideRetry(all)).toMatchObject({
      state: "failed",
      error: { code: "MEMORY_EXHAUSTED" },
    });
  });

  it("does not try again what had all of the memory and still wanted more", () => {
    const conditions = { attempts: 1, maxAttempts: 3, blame: 0 };
    expect(isPassing("MEMORY_EXHAUSTED", { ...conditions, alone: false })).toBe(true);
    expect(isPassing("MEMORY_EXHAUSTED", { ...conditions, alone: true })).toBe(false);
    expect(isPassing("DEVICE_LOST", { ...conditions, alone: true })).toBe(true);
    const thrown = error("MEMORY_EXHAUSTED");
    const beside = decideRetry(attempt({ pages: 0, thrown }));
    expect(beside).toMatchObject({ kind: "again", alone: true });
    expect(decideRetry(attempt({ pages: 0, thrown, alone: true }))).toMatchObject({
      state: "failed",
      error: { code: "MEMORY_EXHAUSTED" },
    });
  });

  it("does not blame a document for the store", () => {
    const away = new StoreFailure(new StoreUnavailable("away", "connection refused"));
    expect(decideRetry(attempt({ attempts: 9, thrown: away }))).toMatchObject({
      kind: "again",
      counts: false,
    });
    const mistake = new StoreFailure(new Error("no such column"));
    expect(decideRetry(attempt({ thrown: mistake }))).toMatchObject({
      kind: "again",
      counts: true,
    });
    expect(decideRetry(attempt({ attempts: 3, thrown: mistake }))).toMatchObject({
      state: "failed",
      error: { code: "INTERNAL" },
    });
  });

  it("gives back what a shutdown has stopped, without counting it", () => {
    expect(decideRetry(attempt({ thrown: error("ENGINE_CLOSED") }))).toMatchObject({
      kind: "again",
      counts: false,
    });
  });

  it("calls poison what has killed its worker twice", () => {
    const died = { failed: 1, firstFailure: error("WORKER_DIED") };
    expect(decideRetry(attempt(died))).toMatchObject({ error: { code: "TASK_POISONED" } });
    const once = attempt({ ...died, rerun: false });
    expect(decideRetry(once)).toMatchObject({ kind: "again", counts: true });
    expect(decideRetry({ ...once, attempts: 2 })).toMatchObject({ kind: "again" });
    expect(decideRetry({ ...once, blame: 1 })).toMatchObject({
      error: { code: "TASK_POISONED" },
    });
  });
});
