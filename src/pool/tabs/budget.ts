/** One memory budget for all tabs of an origin that work on the same GPU. */
import { ensureDisposeSymbols } from "../../core/dispose.ts";
import { TabPresence } from "./presence.ts";
import type { TabCount, TabPlatform } from "./presence.ts";

export type { TabChannel, TabCount, TabPlatform } from "./presence.ts";

ensureDisposeSymbols();

/** Part of the budget that an idle tab keeps while others are busy. */
const IDLE_FLOOR = 0.1;

/** Long enough that the pause between two pages moves nobody's share. */
const IDLE_AFTER = 10_000;

export interface TabBudgetOptions {
  /** Bytes for all tabs together. Tabs that were given different budgets each divide their own. */
  readonly budget: number;
  /** Names the GPU: tabs with the same key share. */
  readonly key: string;
  /** Called with the new share in bytes whenever it changes. What it throws is ignored. */
  readonly onShare?: ((bytes: number, count: TabCount) => void) | undefined;
  /** Milliseconds without work until the tab counts as idle. Default 10 000. */
  readonly idleAfter?: number | undefined;
  /** Calls back once after some milliseconds; the result cancels it. `setTimeout` by default. */
  readonly after?: ((milliseconds: number, callback: () => void) => () => void) | undefined;
  /** What the tabs have in common; the page's own by default. */
  readonly platform?: TabPlatform | undefined;
  /** Unique among the tabs; random by default. */
  readonly id?: string | undefined;
}

/**
 * Bytes that one tab may use.
 *
 * Busy tabs share equally what the idle ones leave; an idle tab keeps a tenth of the budget, or an equal part
 * where that is less. When nobody is busy all share equally. The shares of all tabs never exceed the budget.
 */
export function shareOf(budget: number, { tabs, busy, selfBusy }: TabCount): number {
  const equal = Math.floor(budget / tabs);
  if (busy === 0) return equal;
  const idleShare = Math.min(equal, Math.floor(budget * IDLE_FLOOR));
  if (!selfBusy) return idleShare;
  return Math.floor((budget - idleShare * (tabs - busy)) / busy);
}

/**
 * This tab's part of a budget. `join` before the first worker starts, `leave` when the last one is gone: a tab
 * without a worker counts for nothing. Leave also when the page is put aside: in the back/forward cache it would
 * keep its locks, and Chromium throws such a page away when others wait for them.
 *
 * The shares of all tabs follow a change within some milliseconds, and the tabs need time to shrink: for that
 * long they may hold more than the budget together.
 *
 * Without Web Locks or BroadcastChannel (Node, insecure pages, old browsers) and in Deno the share is the
 * whole budget, and `reason` says so.
 */
export class TabBudget implements Disposable {
  readonly #onShare: TabBudgetOptions["onShare"];
  readonly #idleAfter: number;
  readonly #after: NonNullable<TabBudgetOptions["after"]>;
  readonly #presence: TabPresence | undefined;
  #budget: number;
  #count: TabCount = { tabs: 1, busy: 0, selfBusy: false };
  #reason = "";
  #joined = false;
  #busy = false;
  #stopTimer: (() => void) | undefined;
  #share: number;

  constructor(options: TabBudgetOptions) {
    const { budget, key, onShare, platform, id } = options;
    this.#idleAfter = options.idleAfter ?? IDLE_AFTER;
    this.#after = options.after ?? afterTimeout;
    this.#budget = budget;
    this.#share = budget;
    this.#onShare = onShare;
    const common = platform ?? pagePlatform();
    if (typeof common === "string") this.#reason = common;
    else {
      const name = id ?? Math.random().toString(36).slice(2) + Date.now().toString(36);
      this.#presence = new TabPresence(common, key, name, (count) => this.#counted(count));
    }
  }

  /** Bytes for this tab at this moment. */
  get share(): number {
    return this.#share;
  }

  /** The tabs that share, as counted last. */
  get count(): TabCount {
    return this.#count;
  }

  /** Why nothing is shared and the share is the whole budget; empty when tabs do share. */
  get reason(): string {
    return this.#reason;
  }

  /** Takes part, from the first worker on. Never rejects. @returns this tab's share in bytes */
  async join(): Promise<number> {
    this.#joined = true;
    await this.#apply();
    return this.#share;
  }

  /** Takes no part any more: the others share what this tab had. Never rejects. */
  async leave(): Promise<void> {
    this.#joined = false;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    this.#busy = false;
    const left = this.#apply();
    this.#counted({ tabs: 1, busy: 0, selfBusy: false });
    await left;
  }

  /** Says whether this tab works on something. It counts as busy at once, and as idle only after a while. */
  setBusy(busy: boolean): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    if (busy === this.#busy) return;
    if (busy) this.#changeBusy(true);
    else this.#stopTimer = this.#after(this.#idleAfter, () => this.#changeBusy(false));
  }

  /** Changes the budget that is divided, in bytes. */
  setBudget(budget: number): void {
    this.#budget = budget;
    this.#counted(this.#count);
  }

  [Symbol.dispose](): void {
    void this.leave();
  }

  #changeBusy(busy: boolean): void {
    this.#busy = busy;
    if (this.#joined) void this.#apply();
  }

  async #apply(): Promise<void> {
    try {
      await this.#presence?.set(this.#joined, this.#busy);
      if (this.#presence) this.#reason = "";
    } catch (error) {
      this.#reason = `The tabs cannot be counted: ${String(error)}`;
      this.#counted({ tabs: 1, busy: 0, selfBusy: false });
    }
  }

  #counted(count: TabCount): void {
    this.#count = count;
    const share = shareOf(this.#budget, count);
    if (share === this.#share) return;
    this.#share = share;
    try {
      this.#onShare?.(share, count);
    } catch {
      // Its own affair: the other tabs must be counted all the same.
    }
  }
}

function afterTimeout(milliseconds: number, callback: () => void): () => void {
  const timer = setTimeout(callback, milliseconds);
  return () => clearTimeout(timer);
}

/** What this page shares with others of its origin, or why it shares nothing. */
function pagePlatform(): TabPlatform | string {
  // Its locks end at the process, and an open channel would keep the process alive.
  if ("Deno" in globalThis) return "Deno has no tabs: processes do not see each other.";
  const locks = (globalThis.navigator as Partial<Navigator> | undefined)?.locks;
  if (!locks) return "There are no Web Locks here.";
  if (!("BroadcastChannel" in globalThis)) return "There is no BroadcastChannel here.";
  return { locks, openChannel: (name) => new BroadcastChannel(name) };
}
