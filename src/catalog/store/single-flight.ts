/** Lets several callers share one piece of work, and ends it when the last of them has lost interest. */

import { untilAborted } from "../../core/wait.ts";
import { throwIfAborted } from "../../errors.ts";

interface Flight<T, E> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  readonly listeners: Set<(event: E) => void>;
  waiting: number;
}

/** Work by key. `T` is what it yields, `E` what it reports on its way. */
export class SingleFlight<T, E> {
  readonly #flights = new Map<string, Flight<T, E>>();

  /**
   * Joins the work under way for the key, or starts it. An abort ends the caller's wait; the work itself
   * is aborted only when nobody waits any more.
   *
   * @throws GlyphpoolError `ABORTED`, or what the work throws
   */
  async join(
    key: string,
    start: (signal: AbortSignal, report: (event: E) => void) => Promise<T>,
    signal: AbortSignal | undefined,
    listener: ((event: E) => void) | undefined,
  ): Promise<T> {
    throwIfAborted(signal);
    const flight = this.#flights.get(key) ?? this.#start(key, start);
    flight.waiting++;
    if (listener) flight.listeners.add(listener);
    try {
      return await untilAborted(flight.result, signal);
    } finally {
      if (listener) flight.listeners.delete(listener);
      if (--flight.waiting === 0) {
        // Off the map first: whoever comes now must not join work that is being aborted.
        this.#land(key, flight);
        flight.controller.abort();
      }
    }
  }

  #start(
    key: string,
    start: (signal: AbortSignal, report: (event: E) => void) => Promise<T>,
  ): Flight<T, E> {
    const controller = new AbortController();
    const listeners = new Set<(event: E) => void>();
    const report = (event: E): void => {
      for (const listener of listeners) listener(event);
    };
    const result = start(controller.signal, report);
    const flight: Flight<T, E> = { result, controller, listeners, waiting: 0 };
    this.#flights.set(key, flight);
    const land = (): void => this.#land(key, flight);
    result.then(land, land);
    return flight;
  }

  #land(key: string, flight: Flight<T, E>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
