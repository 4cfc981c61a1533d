/** Offers a {@link PdfWorker} to the host. */
import { expose, transfer } from "comlink";
import { enveloped } from "../../src/rpc/envelope.ts";
import type { Envelope } from "../../src/rpc/envelope.ts";
import { PdfWorker } from "./pdf-worker.ts";
import type { PdfPlatform } from "./pdf-worker.ts";
import type { PdfWorkerApi } from "./worker-api.ts";

export function servePdf(platform: PdfPlatform): void {
  const worker = new PdfWorker(platform);

  async function answer<T>(work: () => Promise<T>): Promise<Envelope<T>> {
    const envelope = await enveloped(work);
    const { processBytes } = worker;
    return processBytes === undefined ? envelope : { ...envelope, processBytes };
  }

  const api: PdfWorkerApi = {
    init: (config) => answer(() => worker.init(config)),
    open: (request) => answer(() => worker.open(request)),
    close: (document) => answer(() => worker.close(document)),
    info: (request) => answer(() => worker.info(request)),
    textLayer: (request) => answer(() => worker.textLayer(request)),
    render: async (request) => {
      const envelope = await answer(() => worker.render(request));
      return envelope.ok ? transfer(envelope, [envelope.value.image.data.buffer]) : envelope;
    },
    cancel: (call) => worker.cancel(call),
  };
  expose(api);
}
