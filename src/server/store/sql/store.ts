/** The store of tasks over a SQL database. A row that is queued is the queue. */
import type { TaskEvent, TaskEventData, TaskState } from "../../../client/wire.ts";
import { admit } from "../admission.ts";
import { Changes, WORK } from "../changes.ts";
import { steadyClock } from "../clock.ts";
import { removeFile } from "../files.ts";
import { toTask } from "../task-row.ts";
import type { TaskRow } from "../task-row.ts";
import { poisoned, reusedKey, StoreRefusal } from "../task-store.ts";
import type {
  Admission,
  Claim,
  ClaimedTask,
  Delivery,
  InputFile,
  NewTask,
  Outcome,
  Release,
  StoredPage,
  StoredTask,
  StoreOptions,
  TaskFilter,
  TaskStore,
  Usage,
  Waiting,
} from "../task-store.ts";
import type { SqlDatabase, Statements } from "./database.ts";
import { Deliveries } from "./deliveries.ts";
import type { Inputs } from "./inputs.ts";
import { Leases } from "./leases.ts";
import { SqlTasks } from "./tasks.ts";

/** Milliseconds between two looks: for what others do, or else only for tasks that were put off. */
const SHARED_POLL = 500;
const OWN_POLL = 1_000;
/** Milliseconds without a sign of life after which a task is taken from its process, and between two looks. */
const LEASE = 10_000;
const LEASE_CHECK = 2_000;
/** Milliseconds before a task whose process has ended is begun again, doubled with each time it was alone. */
const CRASH_DELAY = 1_000;
/** Pages that are fetched at once. */
const PAGES_AT_ONCE = 10;

const CRASHED = "the process that read it has ended";

export class SqlTaskStore implements TaskStore {
  readonly #db: SqlDatabase;
  readonly #tasks: SqlTasks;
  readonly #deliveries: Deliveries;
  readonly #inputs: Inputs;
  readonly #maxAttempts: number;
  readonly #changes = new Changes();
  readonly #leases = new Leases(LEASE);
  #leasesChecked = -Infinity;

  constructor(
    database: SqlDatabase,
    inputs: Inputs,
    { maxAttempts, now = steadyClock() }: StoreOptions,
  ) {
    this.#db = database;
    this.#tasks = new SqlTasks(database, now);
    this.#deliveries = new Deliveries(database, now);
    this.#inputs = inputs;
    this.#maxAttempts = maxAttempts;
  }

  get location(): string {
    return this.#db.location;
  }

  get pollInterval(): number {
    return this.#db.shared ? SHARED_POLL : OWN_POLL;
  }

  /** Queues again what a process was reading when it ended, of a database that only one process uses at a time. */
  async recover(): Promise<void> {
    const running = await this.#tasks.running(this.#db);
    for (const row of running) await this.#crashed(row, running.length === 1);
  }

  async admits(owner: string, bytes: number, admission: Admission): Promise<void> {
    admit(bytes, await this.#tasks.occupancy(this.#db, owner), admission);
  }

  async knows(owner: string, idempotencyKey: string): Promise<boolean> {
    return (await this.#tasks.byKey(this.#db, owner, idempotencyKey)) !== undefined;
  }

  async create(
    task: NewTask,
    admission: Admission,
  ): Promise<{ task: StoredTask; created: boolean }> {
    const id = crypto.randomUUID();
    const { owner, idempotencyKey: key, input } = task;
    let created = false;
    try {
      const row = await this.#db.transaction(async (db) => {
        created = false;
        // The file comes before the lock, which everybody waits for.
        await this.#inputs.put(db, id, input.path);
        await this.#db.lockAdmission(db);
        const earlier = key === undefined ? undefined : await this.#tasks.byKey(db, owner, key);
        if (earlier) {
          await this.#inputs.remove(db, id);
          return earlier;
        }
        admit(input.bytes, await this.#tasks.occupancy(db, owner), admission);
        const inserted = await this.#tasks.insert(db, id, task);
        created = true;
        return inserted;
      });
      if (!created && row.fingerprint !== task.fingerprint) throw reusedKey();
      if (created) this.#changes.tell(WORK);
      return { task: toTask(row), created };
    } catch (error) {
      created = false;
      throw error;
    } finally {
      if (!created) await this.#inputs.undo(id);
      await removeFile(input.path);
    }
  }

  async get(id: string): Promise<StoredTask | undefined> {
    const row = await this.#tasks.row(this.#db, id);
    return row && toTask(row);
  }

  async list(filter: TaskFilter): Promise<readonly StoredTask[]> {
    return (await this.#tasks.list(this.#db, filter)).map(toTask);
  }

  async position(id: string): Promise<number | undefined> {
    return await this.#tasks.position(this.#db, id);
  }

  async usage(owner?: string): Promise<Usage> {
    const tasks: Record<TaskState, number> = {
      queued: 0,
      running: 0,
      succeeded: 0,
      failed: 0,
      cancelled: 0,
    };
    let [queuedBytes, storedBytes] = [0, 0];
    for (const count of await this.#tasks.counts(this.#db)) {
      if (owner !== undefined && count.owner !== owner) continue;
      tasks[count.state] += count.tasks;
      if (count.state === "queued" || count.state === "running") queuedBytes += count.bytes;
      storedBytes += count.bytes + count.results;
    }
    return { tasks, queuedBytes, storedBytes };
  }

  async probe(): Promise<void> {
    await this.#db.transaction(async (db) => await this.#tasks.probe(db));
  }

  async waiting(): Promise<readonly Waiting[]> {
    await this.#checkLeases();
    return await this.#tasks.waiting(this.#db);
  }

  async claim(owner?: string): Promise<ClaimedTask | undefined> {
    await this.#checkLeases();
    const row = await this.#db.transaction(async (db) => await this.#tasks.claim(db, owner));
    return row && { claim: { id: row.id, fence: row.fence }, task: toTask(row) };
  }

  async heartbeat(claims: readonly Claim[]): Promise<readonly Claim[]> {
    const lost: Claim[] = [];
    for (const claim of claims) {
      const row = await this.#tasks.row(this.#db, claim.id);
      if (row?.state !== "running" || row.fence !== claim.fence) lost.push(claim);
      // Nobody looks at the signs of life of a process that has the store for itself.
      else if (this.#db.shared) await this.#tasks.beat(this.#db, claim);
    }
    return lost;
  }

  async input(id: string): Promise<InputFile> {
    return await this.#inputs.open(id);
  }

  async restart(claim: Claim): Promise<boolean> {
    return await this.#own(claim, (db, row) => this.#tasks.restart(db, row));
  }

  async addPage(claim: Claim, page: StoredPage): Promise<boolean> {
    return await this.#own(claim, (db, row) => this.#tasks.addPage(db, row, page));
  }

  async note(claim: Claim, event: TaskEventData): Promise<boolean> {
    return await this.#own(claim, (db, row) => this.#tasks.addEvent(db, row.seq, event));
  }

  async finish(claim: Claim, outcome: Outcome): Promise<boolean> {
    return await this.#own(claim, (db, row) => this.#tasks.end(db, row, outcome));
  }

  async release(claim: Claim, release: Release): Promise<boolean> {
    const released = await this.#own(claim, (db, row) => this.#tasks.requeue(db, row, release));
    if (released) this.#changes.tell(WORK);
    return released;
  }

  async cancel(id: string): Promise<StoredTask | undefined> {
    await this.#db.transaction(async (db) => {
      const row = await this.#tasks.locked(db, id);
      if (row?.state !== "queued" && row?.state !== "running") return;
      const error = { code: "TASK_CANCELLED", message: "The task was cancelled." };
      await this.#tasks.end(db, row, { state: "cancelled", error });
    });
    this.#changes.tell(id);
    return await this.get(id);
  }

  async retry(id: string, admission: Admission): Promise<StoredTask | undefined> {
    await this.#db.transaction(async (db) => {
      await this.#db.lockAdmission(db);
      const row = await this.#tasks.locked(db, id);
      if (!row) return;
      if (row.state !== "failed" && row.state !== "cancelled") {
        throw new StoreRefusal(
          "state",
          `The task is ${row.state}: only failed and cancelled ones can be tried again.`,
        );
      }
      const now = await this.#tasks.occupancy(db, row.owner);
      // Its input is stored already.
      admit(row.bytes, { ...now, storedBytes: now.storedBytes - row.bytes }, admission);
      await this.#tasks.renew(db, row);
    });
    this.#changes.tell(WORK);
    return await this.get(id);
  }

  async remove(id: string): Promise<boolean> {
    const removed = await this.#db.transaction(async (db) => {
      if (!(await this.#tasks.remove(db, id))) return false;
      await this.#inputs.remove(db, id);
      return true;
    });
    if (removed) await this.#inputs.removed(id);
    return removed;
  }

  async *pages(id: string): AsyncGenerator<string, void, undefined> {
    const row = await this.#tasks.row(this.#db, id);
    if (!row) throw gone();
    let last = 0;
    while (last < row.pages_done) {
      const pages = await this.#tasks.pages(this.#db, row.seq, last, PAGES_AT_ONCE);
      if (pages.length === 0) throw gone();
      for (const { nr, json } of pages) {
        yield json;
        last = nr;
      }
    }
  }

  async events(id: string, after: number): Promise<readonly TaskEvent[]> {
    return await this.#tasks.events(this.#db, id, after);
  }

  async changed(id: string, milliseconds: number, signal: AbortSignal): Promise<void> {
    await this.#changes.wait(id, milliseconds, signal);
  }

  async workArrived(milliseconds: number, signal: AbortSignal): Promise<void> {
    await this.#changes.wait(WORK, milliseconds, signal);
  }

  async nextDelivery(lease: number): Promise<Delivery | undefined> {
    return await this.#db.transaction(async (db) => await this.#deliveries.next(db, lease));
  }

  async settleDelivery(seq: number, delay?: number): Promise<void> {
    await this.#deliveries.settle(this.#db, seq, delay);
  }

  async sweep(retention: number, maxStoredBytes: number): Promise<number> {
    let removed = 0;
    let { storedBytes } = await this.usage();
    for (;;) {
      let some = false;
      for (const { id, size, old } of await this.#tasks.oldest(this.#db, retention)) {
        if (!old && storedBytes <= maxStoredBytes) break;
        // Another server may sweep at the same time.
        if (await this.remove(id)) removed++;
        storedBytes -= size;
        some = true;
      }
      if (!some) break;
    }
    if (removed > 0) await this.#db.reclaim();
    return removed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#db[Symbol.asyncDispose]();
  }

  /** Takes tasks from processes of other servers that have ended. */
  async #checkLeases(): Promise<void> {
    const now = performance.now();
    if (!this.#db.shared || now - this.#leasesChecked < LEASE_CHECK) return;
    this.#leasesChecked = now;
    const running = await this.#tasks.running(this.#db);
    for (const row of this.#leases.expired(running)) {
      const beside = running.filter(({ runner }) => runner === row.runner).length;
      await this.#crashed(row, beside === 1);
    }
  }

  /**
   * Queues a task again whose process has ended. Of several that ran together nobody knows which one it was: each is
   * tried again by itself, after the others, and only what ends its process then is to blame.
   */
  async #crashed(row: TaskRow, alone: boolean): Promise<void> {
    const blame = row.blame + (alone ? 1 : 0);
    await this.#db.transaction(async (db) => {
      // Another server may have seen it as well.
      if (!(await this.#tasks.claimed(db, row))) return;
      if (blame >= this.#maxAttempts) {
        await this.#tasks.end(db, row, { state: "failed", error: poisoned(blame) });
        return;
      }
      const delay = alone ? CRASH_DELAY * 2 ** blame : 0;
      const release = { reason: CRASHED, counts: true, alone: true, blame: alone, delay };
      await this.#tasks.requeue(db, row, release);
    });
    this.#changes.tell(row.id);
    this.#changes.tell(WORK);
  }

  /** Does something to a task if it is still claimed, and tells those who watch it. */
  async #own(
    claim: Claim,
    work: (db: Statements, row: TaskRow) => Promise<void>,
  ): Promise<boolean> {
    const owned = await this.#db.transaction(async (db) => {
      const row = await this.#tasks.claimed(db, claim);
      if (row) await work(db, row);
      return row !== undefined;
    });
    if (owned) this.#changes.tell(claim.id);
    return owned;
  }
}

function gone(): Error {
  return new Error("The task was deleted while its result was being read.");
}
