import { describe, expect, it } from "vitest";
import { deferred } from "../../../src/core/deferred.ts";
import type { Deferred } from "../../../src/core/deferred.ts";
import { EMBEDDED } from "../../../src/catalog/embedded.ts";
import { GlyphpoolError } from "../../../src/errors.ts";
import { OcrServicePool } from "../../../src/pool/ocr-service-pool.ts";
import type { CallLimits, OcrService, ReadJob } from "../../../src/pool/ocr-service.ts";
import type { Page } from "../../../src/types.ts";
import { PAGE } from "./fake-worker.ts";

type Settle = Deferred<Page>;

/** A service whose reads end when the test says so. */
class FakeService {
  readonly running: { readonly job: ReadJob; readonly settle: Settle }[] = [];
  closed = false;
  idle: Promise<void> = Promise.resolve();

  read(job: ReadJob, { signal }: CallLimits): Promise<Page> {
    if (signal?.aborted) return Promise.reject(new GlyphpoolError("ABORTED", "aborted"));
    const settle = deferred<Page>();
    this.running.push({ job, settle });
    this.idle = settle.promise.then(
      () => undefined,
      () => undefined,
    );
    return settle.promise;
  }

  whenIdle(): Promise<void> {
    return this.idle;
  }

  close(): void {
    this.closed = true;
  }
}

interface Rig {
  readonly pool: OcrServicePool;
  readonly services: FakeService[];
}

function rig(size: number): Rig {
  const services = [new FakeService()];
  const create = (): OcrService => {
    services.push(new FakeService());
    return services.at(-1) as unknown as OcrService;
  };
  return {
    pool: new OcrServicePool(services[0] as unknown as OcrService, size, create),
    services,
  };
}

const job = (): ReadJob => ({ open: () => Promise.reject(), models: EMBEDDED, options: {} });
const limits: CallLimits = { deadline: 0 };
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe("OcrServicePool", () => {
  it("creates services only when all others are busy, and no more than its size", async () => {
    const { pool, services } = rig(2);
    const first = pool.read(job(), limits);
    await turn();
    expect(services).toHaveLength(1);
    services[0]?.running[0]?.settle.resolve(PAGE);
    await first;
    await turn();
    void pool.read(job(), limits);
    void pool.read(job(), limits);
    void pool.read(job(), limits);
    await turn();
    expect(services).toHaveLength(2);
    expect(pool.queued).toBe(1);
  });

  it("serves in the order of arrival, also after failures", async () => {
    const { pool, services } = rig(1);
    const jobs = [job(), job(), job()];
    const reads = Promise.allSettled(jobs.map((each) => pool.read(each, limits)));
    for (const [index, each] of jobs.entries()) {
      await turn();
      expect(services[0]?.running[index]?.job).toBe(each);
      const settle = services[0]?.running[index]?.settle as Settle;
      if (index === 1) settle.reject(new GlyphpoolError("IMAGE_CORRUPT", "broken"));
      else settle.resolve(PAGE);
    }
    const states = (await reads).map(({ status }) => status);
    expect(states).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  it("removes a waiting read that is aborted, without costing a turn", async () => {
    const { pool, services } = rig(1);
    const controller = new AbortController();
    const first = pool.read(job(), limits);
    const second = pool.read(job(), { ...limits, signal: controller.signal });
    const third = pool.read(job(), limits);
    await turn();
    expect(pool.queued).toBe(2);
    controller.abort();
    await expect(second).rejects.toMatchObject({ code: "ABORTED" });
    expect(pool.queued).toBe(1);
    services[0]?.running[0]?.settle.resolve(PAGE);
    await first;
    await turn();
    services[0]?.running[1]?.settle.resolve(PAGE);
    await third;
    expect(services[0]?.running).toHaveLength(2);
  });

  it("gives a service that has to finish an aborted read no other before that", async () => {
    const { pool, services } = rig(1);
    const busy = deferred<void>();
    const first = pool.read(job(), limits);
    await turn();
    const service = services[0] as FakeService;
    service.idle = busy.promise;
    service.running[0]?.settle.reject(new GlyphpoolError("ABORTED", "aborted"));
    await expect(first).rejects.toMatchObject({ code: "ABORTED" });
    void pool.read(job(), limits);
    await turn();
    expect(service.running).toHaveLength(1);
    busy.resolve();
    await turn();
    expect(service.running).toHaveLength(2);
  });

  it("rejects waiting and later reads when closed", async () => {
    const { pool, services } = rig(1);
    void pool.read(job(), limits);
    const waiting = pool.read(job(), limits);
    await turn();
    pool.close();
    await expect(waiting).rejects.toMatchObject({ code: "ENGINE_CLOSED" });
    await expect(pool.read(job(), limits)).rejects.toMatchObject({ code: "ENGINE_CLOSED" });
    expect(services[0]?.closed).toBe(true);
  });
});
