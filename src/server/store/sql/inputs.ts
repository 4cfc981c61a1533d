/** Where a store keeps the files that tasks read. */
import type { InputFile } from "../task-store.ts";
import type { Statements } from "./database.ts";

export interface Inputs {
  /** Takes a file in, inside of the transaction that makes its task. */
  put(db: Statements, id: string, path: string): Promise<void>;
  /** Cleans up after a transaction that put a file and did not make a task. */
  undo(id: string): Promise<void>;
  /** Deletes a file, inside of the transaction that deletes its task. */
  remove(db: Statements, id: string): Promise<void>;
  /** Cleans up after that transaction. */
  removed(id: string): Promise<void>;
  open(id: string): Promise<InputFile>;
}
