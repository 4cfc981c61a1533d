/** How results and errors cross to the host: comlink keeps neither class nor code of an error, so both travel as data. */
import { toWireError } from "../errors.ts";
import type { WireError } from "../errors.ts";

export type Envelope<T> = (
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: WireError }
) & {
  /** Resident bytes of the worker's process, where it has one of its own and tells. */
  readonly processBytes?: number;
};

/** Never rejects. */
export async function enveloped<T>(work: () => T | Promise<T>): Promise<Envelope<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: toWireError(error) };
  }
}
