/** Constants of the layout and formula models: what their pre- and post-processing needs to know. */
import type { Normalisation } from "./normalisation.ts";

/** Which of two boxes goes when one lies in the other: those inside, or the one around them. */
export type Containment = "large" | "small";

/**
 * A layout detector of PaddleX. The picture is stretched to `width` × `height` (bicubic); rows of the output are
 * class, score, left, top, right, bottom and none, one or two order keys.
 */
export interface LayoutParams extends Normalisation {
  readonly width: number;
  readonly height: number;
  /** The names that PaddleX gives its classes, by class. */
  readonly labels: readonly string[];
  /** A box counts when its score is above this. */
  readonly threshold: number;
  /** The same for single labels. */
  readonly thresholds?: Readonly<Record<string, number>>;
  /** Whether boxes that cover each other are thinned out by score. */
  readonly nms: boolean;
  /**
   * What stays where one box contains another: for all labels alike, or by the label that `large` boxes and
   * `small` ones have. Absent: both.
   */
  readonly containment?: Containment | Readonly<Record<string, Containment>>;
  /**
   * What happens to boxes that still overlap. `smaller`: the smaller one goes, and an image before anything
   * else. `by-label`: PaddleX's `filter_boxes`, for its models with an order key; boxes are cut to whole
   * pixels. Absent: they stay.
   */
  readonly overlaps?: "smaller" | "by-label";
}

/** Of the network's input. */
interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** The crop stretched to the size, in colour. */
export interface StretchedPicture extends PictureSize, Normalisation {
  readonly fit: "stretch";
}

/** Margins cut off, fitted into the size, in the middle of black, as one grey channel. */
export interface CentredPicture extends PictureSize {
  readonly fit: "centre";
  readonly mean: number;
  readonly std: number;
}

/**
 * Margins cut off, white ink on black, at the top left, as one channel from 0 to 1; a second input masks what
 * lies outside. The way of networks that were trained on handwriting from tablets. `width` is the largest.
 */
export interface InkPicture extends PictureSize {
  readonly fit: "ink";
  /** The input is as wide as the ink needs, rounded up to a multiple of this. */
  readonly widthStep: number;
  /** Height that the ink and its margin are scaled to, unless they get too wide. */
  readonly inkHeight: number;
  /** Black around the ink, in pixels of the network's input. */
  readonly margin: number;
}

/** How the crop of a formula is brought to a network's input. */
export type FormulaPicture = StretchedPicture | CentredPicture | InkPicture;

export interface FormulaEncoderParams {
  readonly picture: FormulaPicture;
}

/** From a vocabulary's entries to text: joined with spaces, or bytes that are spelled as letters (GPT-2). */
export type TokenSpelling = "words" | "byte-level";

interface FormulaTokens {
  /** The token that ends a formula. */
  readonly end: number;
  /** No formula gets longer. */
  readonly maxTokens: number;
  readonly spelling: TokenSpelling;
}

export interface FormulaDecoderParams extends FormulaTokens {
  /** The token that a formula begins with. */
  readonly start: number;
  /**
   * Shape of one head's keys and values, for graphs that take what earlier steps computed
   * (`past_key_values.*`). Absent: the whole sequence is fed at each step.
   */
  readonly cache?: { readonly heads: number; readonly size: number };
}

/** A graph that turns a picture into tokens by itself. */
export interface FormulaParams extends FormulaTokens {
  readonly picture: FormulaPicture;
}
