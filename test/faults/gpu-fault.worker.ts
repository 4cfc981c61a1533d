/** The OCR worker in browsers, with faults on demand. */
import "./gpu-faults.ts";
import "../../workers/ocr.worker.ts";
