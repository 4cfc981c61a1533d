/** Inputs in the database, in pieces: every server can read every task, and no disk has to be shared. */
import { join } from "node:path";
import { Buffer } from "node:buffer";
import { removeFile } from "../files.ts";
import type { PgDatabase, Transaction } from "./database.ts";
import { SCHEMA_NAME } from "./schema.ts";
import type { InputFile } from "../task-store.ts";

/** Bytes of one piece. */
const PIECE = 2 ** 20;

export class PgInputs {
  readonly #database: PgDatabase;
  readonly #folder: string;

  /** @param folder for copies of inputs that are being read */
  constructor(database: PgDatabase, folder: string) {
    this.#database = database;
    this.#folder = folder;
  }

  /** Writes a file into the database, a piece at a time. */
  async write(db: Transaction, task: string, path: string): Promise<void> {
    using file = await Deno.open(path);
    const piece = new Uint8Array(PIECE);
    for (let nr = 0; ; nr++) {
      const length = await fill(file, piece);
      if (length === 0) return;
      const values = [task, nr, Buffer.from(piece.subarray(0, length))];
      await db.executeSql(`INSERT INTO ${SCHEMA_NAME}.inputs VALUES ($1, $2, $3)`, values);
    }
  }

  /** A copy on this machine. */
  async copy(task: string): Promise<InputFile> {
    const path = join(this.#folder, crypto.randomUUID());
    const dispose = (): Promise<void> => removeFile(path);
    try {
      using file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
      for (let nr = 0; ; nr++) {
        const sql = `SELECT data FROM ${SCHEMA_NAME}.inputs WHERE task = $1 AND nr = $2`;
        const [row] = (await this.#database.query(sql, task, nr)) as { data: Uint8Array }[];
        if (!row) break;
        for (let done = 0; done < row.data.byteLength;) {
          done += await file.write(row.data.subarray(done));
        }
      }
    } catch (error) {
      await dispose();
      throw error;
    }
    return { path, [Symbol.asyncDispose]: dispose };
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
