/** The OCR worker, inside a child process: the same as in {@link file://./ocr.worker.deno.ts}. */
// Has to stay the first import.
import "./process/life.deno.ts";
import "./ocr.worker.deno.ts";
