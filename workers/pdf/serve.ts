/** Offers a {@link PdfWorker} to the host. */
import { expose, transfer } from "comlink";
import { toWireError } from "../../src/errors.ts";
import { PdfWorker } from "./pdf-worker.ts";
import type { PdfPlatform } from "./pdf-worker.ts";
import type { PdfEnvelope, PdfWorkerApi } from "./worker-api.ts";

export function servePdf(platform: PdfPlatform): void {
  const worker = new PdfWorker(platform);

  async function enveloped<T>(work: () => Promise<T>): Promise<PdfEnvelope<T>> {
    let envelope: PdfEnvelope<T>;
    try {
      envelope = { ok: true, value: await work() };
    } catch (error) {
      envelope = { ok: false, error: toWireError(error) };
    }
    const { processBytes } = worker;
    return processBytes === undefined ? envelope : { ...envelope, processBytes };
  }

  const api: PdfWorkerApi = {
    init: (config) => enveloped(() => worker.init(config)),
    open: (request) => enveloped(() => worker.open(request)),
    close: (document) => enveloped(() => worker.close(document)),
    info: (request) => enveloped(() => worker.info(request)),
    textLayer: (request) => enveloped(() => worker.textLayer(request)),
    render: async (request) => {
      const envelope = await enveloped(() => worker.render(request));
      return envelope.ok ? transfer(envelope, [envelope.value.image.data.buffer]) : envelope;
    },
    cancel: (call) => worker.cancel(call),
  };
  expose(api);
}
