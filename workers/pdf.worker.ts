/** The PDF worker in browsers. It draws; pdf.js parses in a further worker inside this one. */
// Has to stay the first import.
import { onTrouble } from "./pdf/warnings.ts";
import { startWorker } from "../src/core/worker-script.ts";
import { troubleOf } from "./pdf/core.ts";
import { bufferLimit, closeNetwork } from "./pdf/guard.ts";
import { GlobalWorkerOptions } from "./pdf/pdf-js.ts";
import { servePdf } from "./pdf/serve.ts";

let core: Worker | undefined;

servePdf({
  makeCanvas: (width, height) => new OffscreenCanvas(width, height),
  async start({ maxPixels }) {
    // Bundlers find the worker by exactly this shape.
    core = startWorker(
      () =>
        new Worker(new URL("./pdf-core.worker.ts", import.meta.url), {
          type: "module",
          name: String(bufferLimit(maxPixels)),
        }),
    );
    core.addEventListener("error", ({ message }) => {
      // Thrown outside of every call: what reaches the host as the death of this worker, which ends both.
      setTimeout(() => {
        throw new Error(`pdf.js has crashed: ${message}`);
      });
    });
    GlobalWorkerOptions.workerPort = core;
    closeNetwork();
  },
  onTrouble(listener) {
    const local = onTrouble(listener);
    const heard = ({ data }: MessageEvent): void => {
      const trouble = troubleOf(data);
      if (trouble) listener(trouble);
    };
    core?.addEventListener("message", heard);
    return {
      [Symbol.dispose](): void {
        local[Symbol.dispose]();
        core?.removeEventListener("message", heard);
      },
    };
  },
});
