/** An engine over workers without threads: everything of the host is real. */
import { EMBEDDED } from "../../../src/catalog/presets/embedded.ts";
import { Engine } from "../../../src/engine/engine.ts";
import { resolveSettings } from "../../../src/options/engine.ts";
import { MemoryControl } from "../../../src/pool/memory-control.ts";
import { OcrServicePool } from "../../../src/pool/ocr-service-pool.ts";
import { OcrService } from "../../../src/pool/ocr-service.ts";
import { FakeWorker, INFO, ok } from "../pool/fake-worker.ts";

export interface EngineRig {
  readonly engine: Engine;
  readonly control: MemoryControl;
}

/** @param overrides what the worker does */
export async function engineRig(
  overrides: ConstructorParameters<typeof FakeWorker>[0] = {},
  { adapter = false }: { readonly adapter?: boolean } = {},
): Promise<EngineRig> {
  const settings = resolveSettings({});
  const control = await MemoryControl.open(settings);
  const gpu = { vendor: "test", architecture: "", description: "", maxBufferSize: 2 ** 30 };
  const info = adapter ? { ...INFO, adapter: { ...gpu, f16: false, software: true } } : INFO;
  const service: OcrService = new OcrService({
    name: "test",
    startDeadline: 1_000,
    config: { backend: "wasm", models: {} } as never,
    spawn: () => new FakeWorker({ init: async () => ok(info), ...overrides }),
    ...control.listeners(0, () => service),
  });
  const pool = new OcrServicePool(service, 1, () => service);
  control.attach(pool, await service.start());
  return {
    engine: new Engine(settings, async () => EMBEDDED, EMBEDDED, pool, 1, control),
    control,
  };
}
