/** Offers an {@link OcrWorker} to the host. */
import { expose } from "comlink";
import { enveloped } from "../../src/rpc/envelope.ts";
import type { WorkerMemory } from "../../src/memory/snapshot.ts";
import type { Progress } from "../../src/types.ts";
import { OcrWorker } from "./ocr-worker.ts";
import type { Platform } from "./ocr-worker.ts";
import { StagePermits } from "./stage-permits.ts";
import type { MemoryMessage, ProgressMessage, WorkerApi } from "./worker-api.ts";

export function serve(platform: Platform): void {
  const permits = new StagePermits((message) => globalThis.postMessage(message));
  const tellMemory = (memory: WorkerMemory): void => {
    const message: MemoryMessage = { memory };
    globalThis.postMessage(message);
  };
  const worker = new OcrWorker(platform, permits, tellMemory);
  const api: WorkerApi = {
    init: (config) => enveloped(() => worker.init(config)),
    run: (request) => enveloped(() => worker.run(request, reportTo(request.id))),
    cancel: (id) => worker.cancel(id),
    grant: (permit) => permits.grant(permit),
    teardown: () => enveloped(() => worker.teardown()),
    stats: () => enveloped(() => worker.stats()),
    memory: () => enveloped(() => worker.memory),
    evict: (bytes) => enveloped(() => worker.evict(bytes)),
    trim: () => enveloped(() => worker.trim()),
    recycleDevice: () => enveloped(() => worker.recycleDevice()),
    configure: (settings) => enveloped(() => worker.configure(settings)),
  };
  expose(api);
}

function reportTo(call: number): (progress: Progress) => void {
  return (progress) => {
    const message: ProgressMessage = { call, progress };
    globalThis.postMessage(message);
  };
}
