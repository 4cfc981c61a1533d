/** A stored task as the outside sees it. */
import type { TaskView } from "../../client/wire.ts";
import type { StoredTask } from "../store/task-store.ts";

export function toView(task: StoredTask, position: number | undefined, now: number): TaskView {
  const { startedAt, endedAt, createdAt } = task;
  const waits = task.state === "queued";
  const begun = waits ? undefined : startedAt;
  return {
    id: task.id,
    state: task.state,
    ...(task.name === undefined ? {} : { name: task.name }),
    bytes: task.bytes,
    ...(position === undefined ? {} : { position }),
    pages: {
      done: task.pagesDone,
      ...(task.pagesTotal === undefined ? {} : { total: task.pagesTotal }),
    },
    attempts: task.attempts,
    ...(task.priority === 0 ? {} : { priority: task.priority }),
    createdAt: iso(createdAt),
    ...(begun === undefined ? {} : { startedAt: iso(begun) }),
    ...(endedAt === undefined ? {} : { endedAt: iso(endedAt) }),
    timings: {
      queued: Math.max(0, (begun ?? endedAt ?? now) - createdAt),
      ...(begun === undefined ? {} : { running: Math.max(0, (endedAt ?? now) - begun) }),
    },
    ...(task.error === undefined ? {} : { error: task.error }),
  };
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
