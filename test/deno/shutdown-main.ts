/**
 * A process that is shut down by signals. Prints one line per event.
 *
 * Arguments: the mode, and for `engine` the path of an image.
 */
import { createEngine } from "../../src/engine/create-engine.ts";
import { TaskRegistry } from "../../src/tasks/completion.ts";
import { runTask } from "../../src/tasks/run-task.ts";
import { installShutdown } from "../../src/tasks/shutdown.ts";
import type { ShutdownTarget } from "../../src/tasks/shutdown-target.ts";

const [mode, path] = Deno.args;
const say = (line: string): void => console.log(line);
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Tasks of a given length, started until the drain begins. */
function busy(taskLength: number): ShutdownTarget {
  const tasks = new TaskRegistry();
  let open = true;
  tasks.onTaskComplete(({ name, status }) => say(`${name} ${status}`));
  const start = (name: string): void => {
    if (!open) return say(`${name} refused`);
    void runTask(
      async ({ defer }) => {
        defer(() => say(`${name} released`));
        await wait(taskLength);
      },
      { name, registry: tasks },
    );
  };
  start("first");
  return {
    async drain() {
      open = false;
      say("draining");
      start("second");
      await tasks.whenIdle();
    },
    async close() {
      await wait(20);
      say("closed");
    },
  };
}

async function withEngine(): Promise<void> {
  const engine = await createEngine({ backend: "wasm" });
  const tasks = new TaskRegistry();
  const target: ShutdownTarget = {
    drain: () => (say("draining"), tasks.whenIdle()),
    close: async () => {
      await engine.close();
      say("closed");
    },
  };
  installShutdown(target, { drainDeadline: 60_000 });
  void runTask(() => engine.read(path ?? ""), { registry: tasks }).then(({ text }) =>
    say(`read ${text.length}`),
  );
  say("ready");
}

if (mode === "engine") await withEngine();
else {
  const handle = installShutdown(busy(mode === "long" ? 60_000 : 300), {
    drainDeadline: mode === "deadline" ? 100 : 30_000,
    ...(mode === "callback" ? { exit: (code: number) => say(`callback ${code}`) } : {}),
  });
  // First, because the test sends its signal as soon as the script is ready.
  if (mode === "removed") handle[Symbol.dispose]();
  say(`ready ${handle.listensTo.join(" ")}`);
  // Nothing but this timer keeps the process; `quiet` shows that the listeners do not.
  if (mode !== "quiet" && mode !== "callback") setTimeout(() => say("forgotten"), 20_000);
}
