/** A child process of Deno with the OCR worker and faults on demand. */
import { serveProcess } from "../../workers/process/shell.deno.ts";

serveProcess(new URL("./gpu-fault.process-worker.ts", import.meta.url));
