/** Whether workers run in the program's own process or in child processes. */
import type { ResolvedSettings } from "../options/engine.ts";
import { processDrawback } from "../rpc/can-run-process.ts";
import type { EngineInfo } from "./engine-types.ts";

type Isolation = Pick<EngineInfo, "isolation" | "isolationReason">;

/**
 * Processes are the default of Deno: what V8's compilers take for the runtime stays with the process of a worker that
 * ends, hundreds of megabytes after some starts. Browsers have their own way of giving it back.
 */
export function chooseIsolation({ isolation }: Pick<ResolvedSettings, "isolation">): Isolation {
  if (isolation) return { isolation, isolationReason: "the option isolation" };
  const drawback = processDrawback();
  return drawback === undefined
    ? {
        isolation: "process",
        isolationReason: "a child process gives all memory back when it ends",
      }
    : { isolation: "worker", isolationReason: `no child process: ${drawback}` };
}
