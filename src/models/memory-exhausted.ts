import { GlyphpoolError } from "../errors.ts";

export interface Shortage {
  readonly id: string;
  /** All in bytes. */
  readonly need: number;
  readonly used: number;
  readonly budget: number;
}

/** The refusal of a load for which nothing was allocated. */
export function memoryExhausted({ id, need, used, budget }: Shortage): GlyphpoolError {
  const why =
    need > budget
      ? "it can never fit"
      : "nothing else can be unloaded or will be given back while it waits";
  return new GlyphpoolError(
    "MEMORY_EXHAUSTED",
    `${id} needs about ${megabytes(need)}; ${megabytes(used)} of the memory budget of ` +
      `${megabytes(budget)} are in use, and ${why}. Raise the budget or use smaller models.`,
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
