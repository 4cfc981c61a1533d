import { expose, transfer } from "comlink";
import { afterEach, describe, expect, it, vi } from "vitest";
import { deferred } from "../../../../src/core/deferred.ts";
import { PdfService } from "../../../../src/document/pdf/service.ts";
import type { PdfServiceOptions } from "../../../../src/document/pdf/service.ts";
import type { PdfWorkerApi } from "../../../../src/document/pdf/worker-types.ts";
import type { Envelope } from "../../../../src/rpc/envelope.ts";
import type { WorkerLike } from "../../../../src/rpc/worker-like.ts";

const ok = <T>(value: T): Envelope<T> => ({ ok: true, value });
const forever = <T>(): Promise<T> => new Promise(() => undefined);
const INFO = { width: 10, height: 20, rotation: 0 };
const EMPTY = {
  runs: [],
  page: INFO,
  imageCoverage: 0,
  invisible: "none",
  ink: [],
  support: 1,
} as const;
const PDF = new TextEncoder().encode("%PDF-1.7 and so on");

/** The PDF worker API over a MessageChannel. */
class FakePdfWorker extends EventTarget implements WorkerLike {
  readonly announcesDeath: boolean;
  readonly opened: string[] = [];
  readonly closed: number[] = [];
  readonly cancelled: number[] = [];
  terminated = false;
  readonly #host: MessagePort;

  constructor(overrides: Partial<PdfWorkerApi> = {}, announcesDeath = true) {
    super();
    this.announcesDeath = announcesDeath;
    const { port1, port2 } = new MessageChannel();
    this.#host = port1;
    port1.onmessage = ({ data }: MessageEvent): void => {
      this.dispatchEvent(new MessageEvent("message", { data }));
    };
    const api: PdfWorkerApi = {
      init: async () => ({ ok: true, value: undefined, processBytes: 100 }),
      open: async ({ bytes }) => {
        this.opened.push(new TextDecoder().decode(bytes));
        return ok({ id: this.opened.length, pageCount: 3, repaired: false });
      },
      close: async (id) => ok(void this.closed.push(id)),
      info: async () => ok(INFO),
      textLayer: async () => ok(EMPTY),
      render: async ({ dpi, maxPixels }) => {
        const data = new Uint8Array(4);
        const value = { image: { data, width: 1, height: 1 }, dpi: Math.min(dpi, maxPixels) };
        return transfer(ok(value), [data.buffer]);
      },
      cancel: (call) => void this.cancelled.push(call),
      ...overrides,
    };
    expose(api, port2);
  }

  postMessage(message: unknown, transferables: Transferable[] = []): void {
    this.#host.postMessage(message, transferables);
  }

  die(more: object = {}): void {
    this.dispatchEvent(Object.assign(new Event("error", { cancelable: true }), more));
  }

  terminate(): void {
    this.terminated = true;
    this.#host.close();
  }
}

const services: PdfService[] = [];
afterEach(async () => {
  for (const service of services.splice(0)) await service.close();
});

/** A service whose workers are made by these, one after the other; further ones are good. */
function rig(
  overrides: readonly (
    | Partial<PdfWorkerApi>
    | ((worker: () => FakePdfWorker) => Partial<PdfWorkerApi>)
  )[] = [],
  options: PdfServiceOptions = {},
  announceDeath = true,
): { service: PdfService; workers: FakePdfWorker[] } {
  const workers: FakePdfWorker[] = [];
  const service = new PdfService({
    ...options,
    spawn: () => {
      const index = workers.length;
      const given = overrides[index] ?? {};
      const own = typeof given === "function" ? given(() => workers[index]!) : given;
      workers.push(new FakePdfWorker(own, announceDeath));
      return workers[index]!;
    },
  });
  services.push(service);
  return { service, workers };
}

/** Dies of every page. */
const deadly = (worker: () => FakePdfWorker): Partial<PdfWorkerApi> => ({
  textLayer: async () => {
    worker().die();
    return await forever();
  },
});

describe("a PDF service", () => {
  it("starts its worker with the first document, for all of them", async () => {
    const { service, workers } = rig();
    expect(workers).toHaveLength(0);
    await using a = await service.open(PDF);
    await using b = await service.open(new Blob([PDF]));
    expect(workers).toHaveLength(1);
    expect(workers[0]!.opened).toEqual(["%PDF-1.7 and so on", "%PDF-1.7 and so on"]);
    expect([a.pageCount, b.pageCount]).toEqual([3, 3]);
    expect(PDF.byteLength).toBeGreaterThan(0);
    await a.close();
    expect(workers[0]!.closed).toEqual([1]);
  });

  it("opens the document again when its worker has died, and tries the page once more", async () => {
    const { service, workers } = rig([deadly]);
    await using document = await service.open(PDF);
    await expect(document.textLayer(1)).resolves.toMatchObject({ runs: [] });
    expect(workers).toHaveLength(2);
    expect(workers[0]!.terminated).toBe(true);
    expect(workers[1]!.opened).toHaveLength(1);
  });

  it("gives a page up that kills two workers; the next one works", async () => {
    const { service, workers } = rig([deadly, deadly]);
    await using document = await service.open(PDF);
    await expect(document.textLayer(1)).rejects.toMatchObject({ code: "WORKER_DIED" });
    expect(workers).toHaveLength(2);
    await expect(document.textLayer(2)).resolves.toMatchObject({ runs: [] });
    expect(workers).toHaveLength(3);
  });

  it("ends a worker that takes too long, and does not try that page again", async () => {
    const { service, workers } = rig([{ render: forever }], { limits: { pageDeadline: 50 } });
    await using document = await service.open(PDF);
    await expect(document.render(1, { dpi: 72 })).rejects.toMatchObject({
      code: "DEADLINE_EXCEEDED",
    });
    expect(workers[0]!.terminated).toBe(true);
    await expect(document.render(2, { dpi: 72 })).resolves.toMatchObject({ dpi: 72 });
    expect(workers).toHaveLength(2);
  });

  it("does not try again what needed too much memory", async () => {
    const { service, workers } = rig([
      (worker) => ({
        render: async () => {
          worker().die({ code: 137 });
          return await forever();
        },
      }),
    ]);
    await using document = await service.open(PDF);
    await expect(document.render(1, { dpi: 72 })).rejects.toMatchObject({
      code: "MEMORY_EXHAUSTED",
    });
    expect(workers).toHaveLength(1);
  });

  it("replaces a worker between two pages when it has grown", async () => {
    const grown = { info: async () => ({ ...ok(INFO), processBytes: 5000 }) };
    const { service, workers } = rig([grown], { limits: { maxMemory: 1000 } });
    await using document = await service.open(PDF);
    await document.info(1);
    expect(workers[0]!.terminated).toBe(true);
    await document.info(1);
    expect(service.counts).toEqual({ spawns: 2, recycles: 1, deaths: 0 });
  });

  it("tells the worker of an abort, and lets the next page wait for it", async () => {
    let end: (value: Envelope<typeof INFO>) => void = () => undefined;
    let calls = 0;
    const info = (): Promise<Envelope<typeof INFO>> =>
      calls++ > 0 ? Promise.resolve(ok(INFO)) : new Promise((resolve) => (end = resolve));
    const { service, workers } = rig([{ info }]);
    await using document = await service.open(PDF);
    const abort = new AbortController();
    const first = document.info(1, { signal: abort.signal });
    const second = document.info(2);
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
    abort.abort();
    await expect(first).rejects.toMatchObject({ code: "ABORTED" });
    expect(calls).toBe(1);
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
    expect(workers[0]!.cancelled).toHaveLength(1);
    end(ok(INFO));
    await expect(second).resolves.toEqual(INFO);
    expect(workers).toHaveLength(1);
  });

  it("passes on what the worker says of a document", async () => {
    const error = { code: "PDF_CORRUPT", message: "no" } as const;
    const { service } = rig([{ open: async () => ({ ok: false, error }) }]);
    await expect(service.open(PDF)).rejects.toMatchObject(error);
  });

  it("checks limits and inputs before it starts anything", async () => {
    const { service, workers } = rig([], { limits: { maxBytes: 20 } });
    const open = (input: unknown): Promise<unknown> => service.open(input as Uint8Array);
    await expect(open("path.pdf")).rejects.toMatchObject({ code: "INVALID_INPUT" });
    await expect(open(new Uint8Array(21))).rejects.toMatchObject({ code: "DOCUMENT_TOO_LARGE" });
    await expect(open(new Blob(["no"]))).rejects.toMatchObject({ code: "UNSUPPORTED_FORMAT" });
    expect(workers).toHaveLength(0);
    expect(() => rig([], { limits: { maxPages: 0 } })).toThrow(/limits.maxPages is 0/);
  });

  it("takes shared memory", async () => {
    const { service, workers } = rig();
    const shared = new Uint8Array(new SharedArrayBuffer(PDF.length));
    shared.set(PDF);
    await using document = await service.open(shared);
    expect(document.pageCount).toBe(3);
    expect(workers[0]!.opened).toEqual(["%PDF-1.7 and so on"]);
  });

  it("starts a new worker after one that could not be started", async () => {
    const error = { code: "INTERNAL", message: "its core did not start" } as const;
    const { service, workers } = rig([{ init: async () => ({ ok: false, error }) }]);
    await expect(service.open(PDF)).rejects.toMatchObject(error);
    expect(workers[0]!.terminated).toBe(true);
    await using document = await service.open(PDF);
    expect(document.pageCount).toBe(3);
    expect(workers).toHaveLength(2);
  });

  it("notices a worker that closes itself without an event", async () => {
    const gone = deferred<void>();
    const request = async (_name: string, _options: unknown, end: () => unknown): Promise<void> => {
      await gone.promise;
      end();
    };
    vi.stubGlobal("navigator", { locks: { request } });
    const { service, workers } = rig(
      [{ textLayer: forever }],
      { limits: { pageDeadline: 0 } },
      false,
    );
    await using document = await service.open(PDF);
    const layer = document.textLayer(1);
    gone.resolve();
    vi.unstubAllGlobals();
    await expect(layer).resolves.toMatchObject({ runs: [] });
    expect(workers).toHaveLength(2);
  });

  it("lets everybody who closes a document wait for its end", async () => {
    const end = deferred<void>();
    const { service } = rig([
      {
        close: async () => {
          await end.promise;
          return ok(undefined);
        },
      },
    ]);
    const document = await service.open(PDF);
    let closed = 0;
    const both = [document.close(), document.close()].map((closing) =>
      closing.then(() => closed++),
    );
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
    expect(closed).toBe(0);
    end.resolve();
    await Promise.all(both);
  });
});
