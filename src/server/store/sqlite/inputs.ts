/** Inputs as files of a folder. */
import { join } from "node:path";
import { removeFile } from "../files.ts";
import type { Statements } from "../sql/database.ts";
import type { Inputs } from "../sql/inputs.ts";
import type { InputFile } from "../task-store.ts";

export class FileInputs implements Inputs {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The file comes before the row: whenever the process ends, there is no row without its file. */
  async put(_db: Statements, id: string, path: string): Promise<void> {
    await Deno.rename(path, join(this.#folder, id));
  }

  async undo(id: string): Promise<void> {
    await removeFile(join(this.#folder, id));
  }

  async remove(): Promise<void> {
    return await Promise.resolve();
  }

  async removed(id: string): Promise<void> {
    await removeFile(join(this.#folder, id));
  }

  async open(id: string): Promise<InputFile> {
    const path = join(this.#folder, id);
    return await Promise.resolve({ path, [Symbol.asyncDispose]: () => Promise.resolve() });
  }

  /** Deletes files whose row was never written, or was deleted just before the process ended. */
  async removeOrphans(isKnown: (id: string) => Promise<boolean>): Promise<void> {
    for await (const { name } of Deno.readDir(this.#folder)) {
      if (!(await isKnown(name))) await removeFile(join(this.#folder, name));
    }
  }
}
