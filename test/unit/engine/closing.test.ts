import { afterEach, describe, expect, it, vi } from "vitest";
import type { Engine } from "../../../src/engine/engine.ts";
import type { PageUpdate } from "../../../src/options/structure.ts";
import type { Page } from "../../../src/types.ts";
import { deferred } from "../../../src/core/deferred.ts";
import { delay } from "../../../src/core/wait.ts";
import { textPdf } from "../document/pdf-writer.ts";
import { PAGE, forever, ok } from "../pool/fake-worker.ts";
import { engineRig } from "./engine-rig.ts";

const bytes = new Uint8Array([1]);
const image = { type: "figure", polygon: [], image: { data: bytes, width: 1, height: 1 } };

let engine: Engine | undefined;

afterEach(async () => {
  await engine?.close();
  vi.restoreAllMocks();
});

/** What `onUpdate` was told: the code of an error, or `done`. */
function updates(): { told: string[]; onUpdate: (update: PageUpdate) => void } {
  const told: string[] = [];
  return { told, onUpdate: ({ error }) => void told.push(error?.code ?? "done") };
}

/** Pages that come when the test says so. */
function heldRead(): { read: () => Promise<ReturnType<typeof ok<Page>>>; release: () => void } {
  const gate = deferred<void>();
  const read = async (): Promise<ReturnType<typeof ok<Page>>> => {
    await gate.promise;
    return ok(PAGE);
  };
  return { read, release: () => gate.resolve() };
}

describe("analyses that are put off", () => {
  it("are done although the engine is drained during the read, and the drain waits for them", async () => {
    const held = heldRead();
    ({ engine } = await engineRig({ read: held.read }));
    const { told, onUpdate } = updates();
    const reading = engine.read(bytes, { tables: "defer", onUpdate });
    await delay(5);
    const draining = engine.drain(2_000).then(() => [...told]);
    held.release();
    await reading;
    expect(told).toEqual([]);
    await expect(draining).resolves.toEqual(["done"]);
  });

  it("are done although new reads are refused when the text is there", async () => {
    const held = heldRead();
    const rig = await engineRig({ read: held.read });
    engine = rig.engine;
    const { told, onUpdate } = updates();
    const reading = engine.read(bytes, { tables: "defer", onUpdate });
    await delay(5);
    vi.spyOn(rig.control, "checkIntake").mockImplementation(() => {
      throw new Error("memory is full");
    });
    held.release();
    await reading;
    await vi.waitFor(() => expect(told).toEqual(["done"]));
  });

  it("are told of the engine's end while they wait for memory", async () => {
    const rig = await engineRig();
    engine = rig.engine;
    vi.spyOn(rig.control, "whenPlenty").mockImplementation(forever);
    const { told, onUpdate } = updates();
    await engine.read(bytes, { tables: "defer", onUpdate });
    await delay(5);
    expect(told).toEqual([]);
    await engine.close();
    await vi.waitFor(() => expect(told).toEqual(["ENGINE_CLOSED"]));
  });

  it("are told of an abort that comes after the text", async () => {
    const rig = await engineRig();
    engine = rig.engine;
    vi.spyOn(rig.control, "whenPlenty").mockImplementation(forever);
    const { told, onUpdate } = updates();
    const abort = new AbortController();
    await engine.read(bytes, { tables: "defer", onUpdate, signal: abort.signal });
    abort.abort();
    await vi.waitFor(() => expect(told).toEqual(["ABORTED"]));
  });

  it("of a document are told when its loop is left", async () => {
    ({ engine } = await engineRig());
    const { told, onUpdate } = updates();
    for await (const page of engine.pages([bytes, bytes], { tables: "defer", onUpdate })) {
      expect(page.text).toBe("hello");
      break;
    }
    expect(told).toContain("ABORTED");
  });
});

describe("closing", () => {
  it("twice waits twice for the driver's farewell", async () => {
    ({ engine } = await engineRig({}, { adapter: true }));
    vi.stubGlobal("Deno", {});
    const order: string[] = [];
    const first = engine.close().then(() => order.push("first"));
    const second = engine.close().then(() => order.push("second"));
    await Promise.all([first, second]);
    vi.unstubAllGlobals();
    expect(order).toEqual(["first", "second"]);
  });

  it("ends a read whose caller's own reader of charts never answers", async () => {
    ({ engine } = await engineRig({ read: async () => ok({ ...PAGE, blocks: [image] } as never) }));
    const asked = deferred<void>();
    const chartReader = (): Promise<never> => {
      asked.resolve();
      return forever();
    };
    const reading = engine.read(bytes, { chartReader });
    await asked.promise;
    await engine.close();
    await expect(reading).rejects.toMatchObject({ code: "ENGINE_CLOSED" });
  });

  it("lets no document be read whose pages were asked for before", async () => {
    ({ engine } = await engineRig());
    const pages = engine.pages(textPdf(["Hello"]), { text: "layer" });
    await engine.close();
    await expect(pages.next()).rejects.toMatchObject({ code: "ENGINE_CLOSED" });
  });
});
