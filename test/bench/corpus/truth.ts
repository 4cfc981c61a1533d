/** What is true of a page of the corpus, in pixels of its picture. */
import type { Quad } from "../../../src/types.ts";

export interface TruthBlock {
  readonly type: string;
  /** With the marks of its items, words parted by single spaces. */
  readonly text: string;
  readonly box: readonly [number, number, number, number];
  /** Of tables, without attributes but spans. */
  readonly html?: string;
}

/** A piece of a row as a detector would box it. */
export interface TruthLine {
  readonly text: string;
  readonly polygon: Quad;
  readonly words: readonly {
    readonly text: string;
    readonly polygon: Quad;
    readonly block: number;
  }[];
}

export interface TruthPage {
  readonly kind: string;
  readonly seen: boolean;
  readonly seed: number;
  readonly blocks: readonly TruthBlock[];
  readonly lines: readonly TruthLine[];
}
