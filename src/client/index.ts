/**
 * A client of the Glyphpool task server.
 *
 * @module
 */
export { GlyphpoolClient } from "./client.ts";
export type {
  ClientOptions,
  RemoteInput,
  RemoteOptions,
  RemotePage,
  RemoteResult,
  SubmitOptions,
} from "./client.ts";
export { ServerError } from "./server-error.ts";
export { RESULT_FORMATS } from "./wire.ts";
export type {
  Problem,
  ResultFormat,
  TaskEvent,
  TaskEventData,
  TaskFailure,
  TaskState,
  TaskView,
} from "./wire.ts";
