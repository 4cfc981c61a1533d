/** The pages of a TIFF file: where their directories begin. Reads nothing else of it. */

/** More pages than any scan has. */
const MAX_PAGES = 10_000;

/**
 * Offsets of the directories in the order of the pages; empty for what is no TIFF. A broken chain costs the later
 * pages, and a loop ends where it closes.
 */
export function tiffDirectories(bytes: Uint8Array): number[] {
  if (bytes.length < 8) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const order = view.getUint16(0);
  const little = order === 0x4949;
  if ((!little && order !== 0x4d4d) || view.getUint16(2, little) !== 42) return [];
  const seen = new Set<number>();
  let offset = view.getUint32(4, little);
  while (offset !== 0 && !seen.has(offset) && seen.size < MAX_PAGES) {
    if (offset + 2 > bytes.length) break;
    const next = offset + 2 + view.getUint16(offset, little) * 12;
    seen.add(offset);
    if (next + 4 > bytes.length) break;
    offset = view.getUint32(next, little);
  }
  return [...seen];
}
