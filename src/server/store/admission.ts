/** Whether one more task fits. Both stores decide by this, each with its own figures. */
import { StoreRefusal } from "./task-store.ts";
import type { Admission } from "./task-store.ts";

/** Tasks that have not ended, and bytes that are stored, at one moment. */
export interface Occupancy {
  readonly tasks: number;
  readonly bytes: number;
  readonly ownerTasks: number;
  readonly ownerBytes: number;
  readonly storedBytes: number;
}

/** @throws StoreRefusal */
export function admit(bytes: number, now: Occupancy, limits: Admission): void {
  if (now.tasks >= limits.maxTasks) {
    throw new StoreRefusal("tasks", `${now.tasks} tasks wait or run; no more are taken.`);
  }
  if (now.bytes + bytes > limits.maxBytes) {
    throw new StoreRefusal("bytes", `The inputs that wait hold ${now.bytes} bytes.`);
  }
  if (now.ownerTasks >= limits.ownerMaxTasks) {
    throw new StoreRefusal("owner-tasks", `${now.ownerTasks} of your tasks wait or run.`);
  }
  if (now.ownerBytes + bytes > limits.ownerMaxBytes) {
    throw new StoreRefusal("owner-bytes", `Your inputs that wait hold ${now.ownerBytes} bytes.`);
  }
  if (now.storedBytes + bytes > limits.maxStoredBytes) {
    throw new StoreRefusal(
      "disk",
      `${now.storedBytes} bytes are stored; that is all there may be.`,
    );
  }
}
