/**
 * A client of the Glyphpool task server.
 *
 * @module
 */
export { GlyphpoolClient } from "./client.ts";
export type {
  RemoteInput,
  RemoteOptions,
  RemotePage,
  RemoteResult,
  SubmitOptions,
  TaskListFilter,
} from "./client.ts";
export type { ClientOptions } from "./transport.ts";
export { ServerError } from "./server-error.ts";
export { RESULT_FORMATS } from "./wire.ts";
export type {
  Problem,
  ResultFormat,
  TaskEvent,
  TaskEventData,
  TaskFailure,
  TaskList,
  TaskState,
  TaskView,
} from "./wire.ts";
