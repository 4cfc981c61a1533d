/** Ruling lines: what tables, boxes and separators are drawn with. */

/** A straight stroke that runs along an axis, in pixels of the image. */
export interface Ruling {
  /** Across its direction: y of a horizontal stroke, x of a vertical one; the middle of its thickness. */
  readonly at: number;
  /** Along its direction; `from` < `to`. */
  readonly from: number;
  readonly to: number;
  readonly thickness: number;
}

export interface Rulings {
  readonly horizontal: readonly Ruling[];
  readonly vertical: readonly Ruling[];
}
