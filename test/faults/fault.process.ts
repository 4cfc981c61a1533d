/** A child process whose worker fails on demand. */
import { serveProcess } from "../../workers/process/shell.deno.ts";

serveProcess(new URL("./fault.process-worker.ts", import.meta.url));
