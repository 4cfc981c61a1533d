/** Inputs in the database, in pieces: every server can read every task, and no disk has to be shared. */
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { removeFile } from "../files.ts";
import type { SqlDatabase, Statements } from "../sql/database.ts";
import type { Inputs } from "../sql/inputs.ts";
import type { InputFile } from "../task-store.ts";
import { SCHEMA_NAME } from "./schema.ts";

/** Bytes of one piece. */
const PIECE = 2 ** 20;
const INPUTS = `${SCHEMA_NAME}.inputs`;

export class PgInputs implements Inputs {
  readonly #database: SqlDatabase;
  readonly #folder: string;

  /** @param folder for copies of inputs that are being read */
  constructor(database: SqlDatabase, folder: string) {
    this.#database = database;
    this.#folder = folder;
  }

  async put(db: Statements, id: string, path: string): Promise<void> {
    using file = await Deno.open(path);
    const piece = new Uint8Array(PIECE);
    for (let nr = 0; ; nr++) {
      const length = await fill(file, piece);
      if (length === 0) return;
      const data = Buffer.from(piece.subarray(0, length));
      await db.query(`INSERT INTO ${INPUTS} VALUES ($1, $2, $3)`, id, nr, data);
    }
  }

  async undo(): Promise<void> {
    return await Promise.resolve();
  }

  async remove(db: Statements, id: string): Promise<void> {
    await db.query(`DELETE FROM ${INPUTS} WHERE task = $1`, id);
  }

  async removed(): Promise<void> {
    return await Promise.resolve();
  }

  /** Copies the input to this machine. @throws Error when it was deleted meanwhile */
  async open(id: string): Promise<InputFile> {
    const path = join(this.#folder, crypto.randomUUID());
    const dispose = (): Promise<void> => removeFile(path);
    try {
      using file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
      await this.#database.transaction(async (db) => {
        // All pieces as they were at one moment: a task that is deleted meanwhile must not become a shorter file.
        await db.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
        await file.truncate();
        await file.seek(0, Deno.SeekMode.Start);
        await this.#copy(db, id, file);
      });
    } catch (error) {
      await dispose();
      throw error;
    }
    return { path, [Symbol.asyncDispose]: dispose };
  }

  async #copy(db: Statements, id: string, file: Deno.FsFile): Promise<void> {
    for (let nr = 0; ; nr++) {
      const sql = `SELECT data FROM ${INPUTS} WHERE task = $1 AND nr = $2`;
      const [row] = await db.query<{ data: Uint8Array }>(sql, id, nr);
      if (!row && nr === 0) throw new Error("The input was deleted.");
      if (!row) return;
      for (let done = 0; done < row.data.byteLength;) {
        done += await file.write(row.data.subarray(done));
      }
    }
  }
}

/** Fills the buffer unless the file ends. @returns how much of it */
async function fill(file: Deno.FsFile, buffer: Uint8Array): Promise<number> {
  let filled = 0;
  while (filled < buffer.byteLength) {
    const length = await file.read(buffer.subarray(filled));
    if (length === null) break;
    filled += length;
  }
  return filled;
}
