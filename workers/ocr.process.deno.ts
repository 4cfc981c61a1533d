/** The OCR worker in a child process of Deno. */
import { serveProcess } from "./process/shell.deno.ts";

serveProcess(new URL("./ocr.process-worker.deno.ts", import.meta.url));
