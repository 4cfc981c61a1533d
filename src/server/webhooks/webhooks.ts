/**
 * Tells callers' servers that a task has ended: signed, tried again for hours, and only to hosts that the operator has
 * listed, under the rules for inputs from URLs.
 */
import { createHmac } from "node:crypto";
import type { UrlInput } from "../intake/url-input.ts";
import type { Log } from "../process/log.ts";
import type { Delivery, TaskStore } from "../store/task-store.ts";

/** Milliseconds for one answer; while that is waited for, no other server sends the same message. */
const DEADLINE = 10_000;
const LEASE = 2 * DEADLINE;
/** Milliseconds before the second try; each further one waits four times as long, and the last one is the eighth. */
const FIRST_DELAY = 5_000;
const LAST_DELAY = 6 * 3_600_000;
const MOST_ATTEMPTS = 8;
/** Messages that are sent in one go. */
const MOST_AT_ONCE = 20;

export class Webhooks {
  readonly #store: Pick<TaskStore, "nextDelivery" | "settleDelivery">;
  readonly #urls: UrlInput;
  readonly #secret: string;
  readonly #log: Log;

  /** @param secret shared with those who check the signature */
  constructor(
    store: Pick<TaskStore, "nextDelivery" | "settleDelivery">,
    urls: UrlInput,
    secret: string,
    log: Log,
  ) {
    this.#store = store;
    this.#urls = urls;
    this.#secret = secret;
    this.#log = log;
  }

  /** Sends what is due. */
  async send(): Promise<void> {
    for (let count = 0; count < MOST_AT_ONCE; count++) {
      const delivery = await this.#store.nextDelivery(LEASE);
      if (!delivery) return;
      const problem = await this.#deliver(delivery);
      const { seq, task, attempts } = delivery;
      const last = attempts + 1 >= MOST_ATTEMPTS;
      if (problem === undefined || last) await this.#store.settleDelivery(seq);
      else await this.#store.settleDelivery(seq, Math.min(FIRST_DELAY * 4 ** attempts, LAST_DELAY));
      if (problem !== undefined) {
        this.#log.error(last ? "a webhook is given up" : "a webhook failed", { task, problem });
      }
    }
  }

  /** @returns why it has failed, if it has */
  async #deliver({ seq, task, url, body }: Delivery): Promise<string | undefined> {
    const id = `${task}.${seq}`;
    const seconds = Math.floor(Date.now() / 1_000);
    // Standard Webhooks: the signature covers the id and the time, against repetition.
    const hmac = createHmac("sha256", this.#secret).update(`${id}.${seconds}.${body}`);
    const headers = {
      "Content-Type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(seconds),
      "webhook-signature": `v1,${hmac.digest("base64")}`,
    };
    try {
      const status = await this.#urls.post(url, body, headers, DEADLINE);
      return status >= 200 && status < 300 ? undefined : `the answer was ${status}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}
