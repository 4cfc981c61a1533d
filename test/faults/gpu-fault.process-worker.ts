/** The OCR worker inside a child process, with faults on demand. */
import "../../workers/process/life.deno.ts";
import "./gpu-fault.worker.deno.ts";
