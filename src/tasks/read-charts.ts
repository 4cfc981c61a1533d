/** Gives the pictures of figures and charts to a reader that the user brings. */
import type { ChartReader } from "../options/structure.ts";
import { untilAborted } from "../core/wait.ts";
import { throwIfAborted } from "../errors.ts";
import type { Page } from "../types.ts";

/**
 * Puts what the reader finds into the blocks, one after the other.
 *
 * @throws GlyphpoolError `ABORTED`, and whatever the reader throws
 */
export async function readCharts(
  page: Page,
  reader: ChartReader,
  signal: AbortSignal,
): Promise<void> {
  for (const block of page.blocks ?? []) {
    if (!block.image) continue;
    throwIfAborted(signal);
    const found = await untilAborted(reader(block.image, { block, signal }), signal);
    if (found?.table) block.table = found.table;
    if (found?.text !== undefined) block.text = found.text;
  }
}
