/** The PDF worker, inside a child process: the same as in {@link file://./pdf.worker.deno.ts}. */
// Has to stay the first import.
import "./process/life.deno.ts";
import "./pdf.worker.deno.ts";
