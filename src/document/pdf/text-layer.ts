/** Whether the text that a PDF holds for a page is worth more than reading its pixels. */
import type { TextLayer } from "./link.ts";

export { layerLines } from "./text-lines.ts";

/** `text`: use it. All others: read the pixels. */
export interface LayerVerdict {
  readonly usable: boolean;
  /**
   * `empty`: no characters. `garbage`: codes that were never mapped to characters. `stamp`: next to no text, on a page
   * that is a picture.
   */
  readonly reason: "text" | "empty" | "garbage" | "stamp";
}

/**
 * Characters that nobody writes, as part of all. Icon fonts put some private-use characters on honest pages (bullets,
 * arrows: 1 to 5 %); a font without a map makes nearly all of its characters bad. A page with one such font among
 * good ones lies between, and is better read from its pixels.
 */
const MAX_BAD = 0.2;

/**
 * Letters and digits, as part of all, after repeats such as dot leaders. Running text has 0.9 and more, tables and
 * programs 0.7. A subset font whose codes were numbered from "!" on and never mapped reads like `"7+%-`.
 */
const MIN_WORDY = 0.5;

/** "Most of the page": scans leave no margin, but the pages of a scanned book may have been cropped. */
const PICTURE = 0.6;

/** Fewer characters on a picture are a stamp, a page number or a file name. A line of print has 60 to 90. */
const STAMP = 100;

/** Replacement, private use (all planes), control, noncharacters. Tabs and line ends are white space. */
const BAD = /[\uFFFD\uFFFE\uFFFF\p{Co}\p{Cn}]|[^\P{Cc}\s]/gu;

/** What some programs write for a glyph without a character. */
const CID = /\(cid:\d+\)/g;

/**
 * The rule, in this order: nothing but white space is `empty`; more than {@link MAX_BAD} impossible characters, or
 * fewer than {@link MIN_WORDY} letters and digits, are `garbage`; less than {@link STAMP} characters over images that
 * cover {@link PICTURE} of the page are a `stamp`, unless all of the text is invisible: that is what OCR programs put
 * over a scan, and it is as long as it is. Text that is wrong but consists of letters cannot be told from right one.
 */
export function judgeLayer(
  layer: Pick<TextLayer, "runs" | "imageCoverage" | "invisible">,
): LayerVerdict {
  const text = layer.runs.map((run) => run.text).join(" ");
  const ink = text.replaceAll(/\s+/g, "");
  const all = length(ink);
  if (all === 0) return { usable: false, reason: "empty" };
  const unmapped = ink.match(CID)?.join("").length ?? 0;
  const bad = (ink.match(BAD)?.length ?? 0) + unmapped;
  if (bad / all > MAX_BAD) return { usable: false, reason: "garbage" };
  const plain = ink.replaceAll(CID, "").replaceAll(/([^\p{L}\p{N}])\1{2,}/gu, "");
  // Marks belong to the letters before them; scripts such as Devanagari have as many.
  const wordy = plain.match(/[\p{L}\p{M}\p{N}]/gu)?.length ?? 0;
  if (wordy < MIN_WORDY * length(plain)) return { usable: false, reason: "garbage" };
  const isStamp = all < STAMP && layer.imageCoverage >= PICTURE && layer.invisible !== "all";
  return isStamp ? { usable: false, reason: "stamp" } : { usable: true, reason: "text" };
}

/** Code points. */
function length(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
