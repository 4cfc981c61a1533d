/** What the ways to find a layout have in common: the model families and the built-in one. */
import type { BlockType, Rect } from "../../types.ts";

/** One part of a page, before its text is put into it. */
export interface LayoutRegion {
  readonly type: BlockType;
  readonly box: Rect;
  /** 0–1; 1 from the built-in layout. */
  readonly score: number;
  /** Rising in reading order; absent where the model has no order key. Gaps are fine. */
  readonly order?: number;
  /** Headings, where the level is known. */
  readonly level?: number;
  /** Indices of the page's lines in reading order, where the layout was made from lines. */
  readonly lines?: readonly number[];
}
