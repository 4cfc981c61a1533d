/**
 * The parsing half of pdf.js in browsers: a worker inside the PDF worker, which ends with it. Its name is the largest
 * buffer that it may make, in bytes.
 */
// Has to stay the first import.
import { onTrouble } from "./pdf/warnings.ts";
import { closeNetwork, limitBuffers } from "./pdf/guard.ts";
import { troubleMessage } from "./pdf/core.ts";
import "pdfjs-dist/legacy/build/pdf.worker.mjs";

closeNetwork();
limitBuffers(Number(self.name));
onTrouble((trouble) => self.postMessage(troubleMessage(trouble)));
