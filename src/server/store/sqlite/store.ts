/** The embedded store: tasks, pages and events in one SQLite file, inputs as files beside it. One process owns it. */
import { join } from "node:path";
import type { TaskEvent, TaskEventData } from "../../../client/wire.ts";
import { Changes, WORK } from "../changes.ts";
import { removeFile } from "../files.ts";
import { SqliteDatabase } from "./database.ts";
import { toTask } from "../task-row.ts";
import type { TaskRow } from "../task-row.ts";
import { SqliteTasks } from "./tasks.ts";
import { reusedKey } from "../task-store.ts";
import type {
  Admission,
  Claim,
  ClaimedTask,
  InputFile,
  NewTask,
  Outcome,
  StoreLoad,
  StoreOptions,
  StoredPage,
  StoredTask,
  TaskStore,
} from "../task-store.ts";

/** Nobody else changes anything: looking again is only for tasks that were put off. Milliseconds. */
const POLL_INTERVAL = 1_000;

export class SqliteTaskStore implements TaskStore {
  readonly location: string;
  readonly pollInterval: number = POLL_INTERVAL;
  readonly #inputs: string;
  readonly #db: SqliteDatabase;
  readonly #tasks: SqliteTasks;
  readonly #changes = new Changes();

  /**
   * Opens the store in a folder that no other process uses, and queues again what a process was working on when it
   * ended.
   *
   * @throws Error where the file is of another version
   */
  static async open(folder: string, options: StoreOptions): Promise<SqliteTaskStore> {
    await Deno.mkdir(join(folder, "inputs"), { recursive: true, mode: 0o700 });
    const store = new SqliteTaskStore(folder, options);
    store.#tasks.recover();
    await store.#removeOrphans();
    return store;
  }

  private constructor(folder: string, { maxAttempts, now = Date.now }: StoreOptions) {
    this.location = join(folder, "tasks.sqlite");
    this.#inputs = join(folder, "inputs");
    this.#db = new SqliteDatabase(this.location);
    this.#tasks = new SqliteTasks(this.#db, maxAttempts, now);
  }

  async admits(owner: string, bytes: number, admission: Admission): Promise<void> {
    this.#tasks.admits(owner, bytes, admission);
  }

  async create(
    task: NewTask,
    admission: Admission,
  ): Promise<{ task: StoredTask; created: boolean }> {
    const id = crypto.randomUUID();
    const path = join(this.#inputs, id);
    try {
      // First the file, then the row: whenever the process ends, there is no row without its file.
      await Deno.rename(task.input.path, path);
      const known = this.#tasks.insert(id, task, admission);
      if (known) {
        await removeFile(path);
        if (known.fingerprint !== task.fingerprint) throw reusedKey();
        return { task: toTask(known), created: false };
      }
    } catch (error) {
      await removeFile(path);
      await removeFile(task.input.path);
      throw error;
    }
    this.#changes.tell(WORK);
    return { task: toTask(this.#tasks.row(id) as TaskRow), created: true };
  }

  async get(id: string): Promise<StoredTask | undefined> {
    const row = this.#tasks.row(id);
    return row && toTask(row);
  }

  async position(id: string): Promise<number | undefined> {
    return this.#tasks.position(id);
  }

  async load(): Promise<StoreLoad> {
    return this.#tasks.load();
  }

  async claim(): Promise<ClaimedTask | undefined> {
    return this.#tasks.claim();
  }

  /** One process owns the store: only a cancellation takes a task away. */
  async heartbeat(claims: readonly Claim[]): Promise<readonly Claim[]> {
    return claims.filter((claim) => !this.#tasks.claimed(claim));
  }

  async input(id: string): Promise<InputFile> {
    return { path: join(this.#inputs, id), [Symbol.asyncDispose]: async () => undefined };
  }

  async addPage(claim: Claim, page: StoredPage): Promise<boolean> {
    return this.#own(claim, (row) => this.#tasks.addPage(row, page));
  }

  async note(claim: Claim, event: TaskEventData): Promise<boolean> {
    return this.#own(claim, (row) => this.#tasks.note(row, event));
  }

  async finish(claim: Claim, outcome: Outcome): Promise<boolean> {
    return this.#own(claim, (row) => this.#tasks.end(row, outcome));
  }

  async release(claim: Claim, reason: string, counts: boolean, delay = 0): Promise<boolean> {
    const released = this.#own(claim, (row) => this.#tasks.requeue(row, reason, counts, delay));
    if (released) this.#changes.tell(WORK);
    return released;
  }

  async cancel(id: string): Promise<StoredTask | undefined> {
    this.#tasks.cancel(id);
    this.#changes.tell(id);
    return await this.get(id);
  }

  async remove(id: string): Promise<boolean> {
    const removed = this.#tasks.remove(id);
    if (removed) await removeFile(join(this.#inputs, id));
    return removed;
  }

  async *pages(id: string): AsyncGenerator<string, void, undefined> {
    const seq = this.#tasks.row(id)?.seq;
    if (seq === undefined) return;
    for (let page = this.#tasks.page(seq, 0); page; page = this.#tasks.page(seq, page.nr)) {
      yield page.json;
    }
  }

  async events(id: string, after: number): Promise<readonly TaskEvent[]> {
    return this.#tasks.events(id, after);
  }

  async changed(id: string, milliseconds: number, signal: AbortSignal): Promise<void> {
    await this.#changes.wait(id, milliseconds, signal);
  }

  async workArrived(milliseconds: number, signal: AbortSignal): Promise<void> {
    await this.#changes.wait(WORK, milliseconds, signal);
  }

  async sweep(retention: number, maxStoredBytes: number): Promise<number> {
    const ids = this.#tasks.removable(retention, maxStoredBytes);
    for (const id of ids) await this.remove(id);
    if (ids.length > 0) this.#db.shrink();
    return ids.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#db[Symbol.dispose]();
  }

  /** Does something to a task if it is still claimed, and tells those who watch it. */
  #own(claim: Claim, work: (row: TaskRow) => void): boolean {
    const owned = this.#tasks.own(claim, work);
    if (owned) this.#changes.tell(claim.id);
    return owned;
  }

  /** Files whose row was never written, or was deleted just before the process ended. */
  async #removeOrphans(): Promise<void> {
    for await (const { name } of Deno.readDir(this.#inputs)) {
      if (!this.#tasks.row(name)) await removeFile(join(this.#inputs, name));
    }
  }
}
