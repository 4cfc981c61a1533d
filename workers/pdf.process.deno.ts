/** The PDF worker in a child process of Deno. Third argument: how many bytes it may grow to, 0 for no end. */
import { limitProcess } from "./process/limit.deno.ts";
import { serveProcess } from "./process/shell.deno.ts";

serveProcess(new URL("./pdf.process-worker.deno.ts", import.meta.url));
limitProcess(Number(Deno.args[2] ?? 0));
