/** A parent that is killed by its test: starts a child, makes it busy for ever, prints its id and waits. */
import { wrap } from "comlink";
import { spawnProcess } from "../../src/rpc/child-process.ts";
import type { FaultApi } from "./fault.process-worker.ts";

const busy = Deno.args[0] === "busy";
const entry = new URL("./fault.process.ts", import.meta.url);
const worker = spawnProcess("orphan", { entry });
const api = wrap<FaultApi>(worker);
await api.echo(1);
worker.addEventListener("message", (event) => {
  if ((event as MessageEvent).data === "spinning") console.log(worker.pid);
});
if (busy) void api.spin();
else console.log(worker.pid);
