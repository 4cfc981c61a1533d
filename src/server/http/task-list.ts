/** What `GET /v1/tasks` may be asked. */
import type { TaskState } from "../../client/wire.ts";
import type { TaskFilter } from "../store/task-store.ts";
import { HttpProblem } from "./problem.ts";
import type { Token } from "./tokens.ts";

const STATES: readonly TaskState[] = ["queued", "running", "succeeded", "failed", "cancelled"];
const FIELDS: readonly string[] = ["state", "error", "owner", "cursor", "limit"];
const MOST = 100;
const USUAL = 50;

/** @throws HttpProblem 400 */
export function taskFilter(
  query: Readonly<Record<string, string>>,
  { name, role }: Token,
): TaskFilter {
  for (const field of Object.keys(query)) {
    if (!FIELDS.includes(field)) throw bad(`There is no ${field}; there are ${FIELDS.join(", ")}.`);
  }
  const { state, error, owner, cursor, limit = String(USUAL) } = query;
  const known = STATES.find((each) => each === state);
  if (state !== undefined && !known) throw bad(`state is one of ${STATES.join(", ")}.`);
  if (error !== undefined && !/^\w{1,60}$/.test(error))
    throw bad("error is a code such as TASK_POISONED.");
  if (cursor !== undefined && !/^\d{1,15}$/.test(cursor))
    throw bad("cursor is what next was before.");
  if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > MOST) {
    throw bad(`limit is a number from 1 to ${MOST}.`);
  }
  if (owner !== undefined && owner !== name && role !== "operator") {
    throw new HttpProblem(403, "FORBIDDEN", "Only operators see the tasks of other tokens.");
  }
  return {
    owner: role === "operator" ? owner : name,
    state: known,
    error,
    before: cursor === undefined ? undefined : Number(cursor),
    limit: Number(limit),
  };
}

function bad(detail: string): HttpProblem {
  return new HttpProblem(400, "BAD_REQUEST", detail);
}
