/** Which budget a refused read would have needed. */
import type { ModelSet } from "../../src/catalog/manifest/manifest.ts";
import { GlyphpoolError } from "../../src/errors.ts";
import type { ModelManager } from "../../src/models/model-manager.ts";

/** Pixels of a line of print, and of the least that a page can be searched for lines at. */
const LINE_PIXELS = 48 * 1280;
const PAGE_PIXELS = 150_000;

/** Bytes of a wasm heap without models. */
const RUNTIME_HEAP = 16 * 2 ** 20;

/** Says of a refusal for want of memory which budget would do. */
export async function namingBudget<T>(
  models: ModelManager,
  set: ModelSet,
  work: Promise<T>,
): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (!GlyphpoolError.is(cause) || cause.code !== "MEMORY_EXHAUSTED") throw cause;
    const { detection, recognition, orientation } = set;
    const lines = await models.bytesFor([
      [recognition, LINE_PIXELS],
      ...(orientation ? [[orientation, 0] as const] : []),
    ]);
    const least = Math.max(lines, await models.bytesFor([[detection, PAGE_PIXELS]])) + RUNTIME_HEAP;
    const message =
      `${cause.message} With these models one worker needs a memory.budget of about ` +
      `${Math.ceil(least / 2 ** 20)} MiB.`;
    throw new GlyphpoolError("MEMORY_EXHAUSTED", message, { cause });
  }
}
