/** The OCR worker in Deno, with faults on demand. */
import "../../workers/ocr/without-location.ts";
import "./gpu-faults.ts";
import "../../workers/ocr.worker.deno.ts";
