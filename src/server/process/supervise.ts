/**
 * Keeps a server running: `deno run --allow-run=deno supervise.ts run …flags… main.ts`. All arguments are those of the
 * Deno that it starts, because a process cannot tell which permissions it has to pass on.
 */
import { jsonLog } from "./log.ts";
import { onSignals } from "./signals.ts";
import { SUPERVISED, Supervisor } from "./supervisor.ts";
import type { Child } from "./supervisor.ts";

/** Exit code of a program that a signal has ended, as shells have it; which signal it was does not matter here. */
const BY_SIGNAL = 128;

const log = jsonLog((line) => console.error(line));

function start(): Child {
  const args = [...Deno.args, SUPERVISED];
  // Nothing is ever written to it: it ends when this process does, however that comes to pass.
  const child = new Deno.Command(Deno.execPath(), { args, stdin: "piped" }).spawn();
  return {
    ended: child.status.then(({ code, signal }) => (signal === null ? code : BY_SIGNAL)),
    kill: (signal) => {
      try {
        child.kill(signal);
      } catch {
        // It has ended already.
      }
    },
  };
}

if (import.meta.main) {
  const supervisor = new Supervisor({
    start,
    wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    now: () => performance.now(),
    onRestart: (code, wait) => log.info("starting the server again", { code, wait }),
  });
  onSignals(() => supervisor.stop());
  Deno.exit(await supervisor.run());
}
