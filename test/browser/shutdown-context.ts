/** A page with an engine-like target that tells what becomes of it. */
import { TaskRegistry } from "../../src/tasks/completion.ts";
import { runTask } from "../../src/tasks/run-task.ts";
import { installShutdown } from "../../src/tasks/shutdown.ts";

const id = new URL(import.meta.url).searchParams.get("id") ?? "";
const channel = new BroadcastChannel(id);
const say = (event: string): void => channel.postMessage(event);
const tasks = new TaskRegistry();
const stop = new AbortController();

const { listensTo } = installShutdown({
  drain: () => tasks.whenIdle(),
  close: () => {
    say(`close with ${tasks.running} running`);
    stop.abort();
  },
  teardown: () => say("teardown"),
  resume: () => say("resume"),
});
tasks.onTaskComplete(({ status }) => say(status));
const bitmap = await createImageBitmap(new ImageData(4, 4));
runTask(
  async ({ own, signal }) => {
    own(bitmap);
    await new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(new Error("stopped")));
    });
  },
  { signal: stop.signal, registry: tasks },
).catch(() => undefined);
// The listener of the page itself comes after ours: it sees what the shutdown did.
window.addEventListener("pagehide", ({ persisted }) => say(`pagehide ${persisted}`));
say(`ready ${listensTo.join(" ")}`);
