/** What happens to a task as server-sent events: all from the start, or from the last one that the caller has seen. */
import type { TaskEvent } from "../../client/wire.ts";
import type { TaskStore } from "../store/task-store.ts";

/** Milliseconds of silence after which a comment shows proxies that the stream lives. */
const KEEP_ALIVE = 15_000;

/**
 * Lines of the stream. Ends after `done`, when the task is deleted, and when the signal fires.
 *
 * @param after the id of the last event that is known; 0 for none
 */
export async function* eventLines(
  store: Pick<TaskStore, "events" | "changed" | "get" | "pollInterval">,
  id: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  let last = after;
  let spoke = performance.now();
  yield ": events\n\n";
  while (!signal.aborted) {
    const events = await store.events(id, last);
    for (const event of events) {
      yield toLines(event);
      last = event.id;
      spoke = performance.now();
      if (event.type === "done") return;
    }
    if (events.length > 0) continue;
    const task = await store.get(id);
    // Who has seen the end and asks again would wait forever.
    if (!task || (task.endedAt !== undefined && (await store.events(id, last)).length === 0))
      return;
    await store.changed(id, store.pollInterval, signal);
    if (performance.now() - spoke > KEEP_ALIVE) {
      yield ": still here\n\n";
      spoke = performance.now();
    }
  }
}

function toLines(event: TaskEvent): string {
  return `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
