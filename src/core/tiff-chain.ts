/** The pages of a TIFF file: where their directories begin. Reads nothing else of it. */

/** More pages than any scan has. */
const MAX_PAGES = 10_000;

const NEW_SUBFILE_TYPE = 254;
/** A smaller copy of another image, and a mask: no pages. */
const NO_PAGE = 1 | 4;

/** How directories are laid out: the classic form with 32 bits, or BigTIFF with 64. */
export interface TiffForm {
  readonly little: boolean;
  readonly big: boolean;
}

/** Nothing for what is not a TIFF. */
export function tiffForm(bytes: Uint8Array): TiffForm | undefined {
  if (bytes.length < 8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const order = view.getUint16(0);
  const little = order === 0x4949;
  if (!little && order !== 0x4d4d) return undefined;
  const version = view.getUint16(2, little);
  if (version === 42) return { little, big: false };
  return version === 43 && bytes.length >= 16 && view.getUint16(4, little) === 8
    ? { little, big: true }
    : undefined;
}

/**
 * Offsets of the directories in the order of the pages; empty for what is not a TIFF. Thumbnails and masks are left out,
 * unless there is nothing else. A broken chain costs the later pages, and a loop ends where it closes.
 */
export function tiffDirectories(bytes: Uint8Array): number[] {
  const form = tiffForm(bytes);
  if (!form) return [];
  const { little, big } = form;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const number = (at: number): number => (big ? u64(view, at, little) : view.getUint32(at, little));
  const [head, entry, word] = big ? [8, 20, 8] : [2, 12, 4];
  const seen = new Set<number>();
  const pages: number[] = [];
  let offset = number(big ? 8 : 4);
  while (offset !== 0 && !seen.has(offset) && seen.size < MAX_PAGES) {
    if (offset + head > bytes.length) break;
    const entries = big ? u64(view, offset, little) : view.getUint16(offset, little);
    const next = offset + head + entries * entry;
    seen.add(offset);
    if (isPage(view, offset + head, Math.min(entries, 64), entry, form)) pages.push(offset);
    if (next + word > bytes.length) break;
    offset = number(next);
  }
  return pages.length > 0 ? pages : [...seen];
}

/** Tags are sorted: this one, if it is there, is among the first. */
function isPage(
  view: DataView,
  first: number,
  entries: number,
  size: number,
  { little, big }: TiffForm,
): boolean {
  for (let at = first; at < first + entries * size && at + size <= view.byteLength; at += size) {
    if (view.getUint16(at, little) !== NEW_SUBFILE_TYPE) continue;
    return (view.getUint32(at + (big ? 12 : 8), little) & NO_PAGE) === 0;
  }
  return true;
}

function u64(view: DataView, at: number, little: boolean): number {
  const [low, high] = little ? [at, at + 4] : [at + 4, at];
  return view.getUint32(high, little) * 2 ** 32 + view.getUint32(low, little);
}
