import type { Model } from "../catalog/manifest/manifest.ts";
import type { ModelLease } from "./lease.ts";

/** Adds up the time that one page spends inside the model runtime. */
export class InferenceClock {
  milliseconds = 0;

  /** The same lease, its runs timed. Disposing it disposes the original. */
  watch<M extends Model>(lease: ModelLease<M>): ModelLease<M> {
    const { session } = lease;
    return {
      model: lease.model,
      alphabet: lease.alphabet,
      ...(lease.fitRun ? { fitRun: lease.fitRun } : {}),
      session: {
        backend: session.backend,
        inputNames: session.inputNames,
        outputNames: session.outputNames,
        run: async (feeds, outputs) => {
          const start = performance.now();
          try {
            return await session.run(feeds, outputs);
          } finally {
            this.milliseconds += performance.now() - start;
          }
        },
      },
      [Symbol.dispose]: () => lease[Symbol.dispose](),
    };
  }
}
