/** Claims that wait for memory, in the order of their arrival. */
import { deferred } from "../core/deferred.ts";
import type { Deferred } from "../core/deferred.ts";
import { abortError, throwIfAborted } from "../errors.ts";
import type { Claim, ModelSlot } from "./model-slot.ts";

export interface ClaimRequest {
  readonly slot: ModelSlot;
  /** Estimated bytes of the load. */
  readonly need: number;
  readonly task: object;
}

/** What the line asks of the manager. */
export interface LineRules {
  /**
   * Grants a claim, or refuses it by throwing; nothing when it has to wait.
   *
   * @param blocked an older claim waits for memory, so this one must not take any
   */
  decide(request: ClaimRequest, blocked: boolean): Claim | undefined;
  /** Whether memory may still come free without any of the waiting tasks. */
  hasHope(waiting: ReadonlySet<object>): boolean;
  holdsLease(task: object): boolean;
  /** The error of a claim that would wait forever. */
  refusal(request: ClaimRequest): Error;
}

interface Waiter extends ClaimRequest {
  readonly granted: Deferred<Claim>;
}

export class LeaseQueue {
  readonly #rules: LineRules;
  readonly #waiters: Waiter[] = [];
  #advancing = false;
  #again = false;

  constructor(rules: LineRules) {
    this.#rules = rules;
  }

  /** @throws GlyphpoolError `ABORTED`, or whatever the rules refuse with */
  async join(request: ClaimRequest, signal: AbortSignal | undefined): Promise<Claim> {
    throwIfAborted(signal);
    const waiter: Waiter = { ...request, granted: deferred<Claim>() };
    this.#waiters.push(waiter);
    const leave = (): void => {
      // A claim that was granted already is the caller's to give back.
      if (this.#remove(waiter)) waiter.granted.reject(abortError(signal as AbortSignal));
      this.advance();
    };
    signal?.addEventListener("abort", leave, { once: true });
    this.advance();
    try {
      return await waiter.granted.promise;
    } finally {
      signal?.removeEventListener("abort", leave);
    }
  }

  /** Grants and refuses what can be decided now. To be called after every change of the memory. */
  advance(): void {
    // Deciding can unload a model, which calls back.
    this.#again = true;
    if (this.#advancing) return;
    this.#advancing = true;
    try {
      while (this.#again) {
        this.#again = false;
        this.#grant();
        this.#refuseStuck();
      }
    } finally {
      this.#advancing = false;
    }
  }

  #grant(): void {
    let blocked = false;
    for (const waiter of this.#waiters.slice()) {
      try {
        const claim = this.#rules.decide(waiter, blocked);
        if (!claim) {
          blocked = true;
          continue;
        }
        this.#remove(waiter);
        waiter.granted.resolve(claim);
      } catch (error) {
        this.#remove(waiter);
        waiter.granted.reject(error);
      }
    }
  }

  /**
   * Where every holder of memory waits for more of it, all would wait forever: the youngest of the
   * claims whose tasks hold some is refused, so that its task ends. Where nobody holds any, the first
   * claim can never be granted.
   */
  #refuseStuck(): void {
    const [first] = this.#waiters;
    if (!first || this.#rules.hasHope(new Set(this.#waiters.map(({ task }) => task)))) return;
    const holder = this.#waiters.findLast(({ task }) => this.#rules.holdsLease(task));
    const stuck = holder ?? first;
    this.#remove(stuck);
    stuck.granted.reject(this.#rules.refusal(stuck));
    this.#again = true;
  }

  #remove(waiter: Waiter): boolean {
    const index = this.#waiters.indexOf(waiter);
    if (index >= 0) this.#waiters.splice(index, 1);
    return index >= 0;
  }
}
