/** Constants of the table models. */
import type { Normalisation } from "./normalisation.ts";

/** Whether lines are drawn between the cells. */
export type TableKind = "wired" | "wireless";

/** PP-LCNet: the kind of a table. */
export interface TableClassificationParams extends Normalisation {
  /** The crop's short side is resized to this. */
  readonly resizeShort: number;
  /** Side of the square that is cut out of its middle. */
  readonly crop: number;
  /** For each output index the kind of table. */
  readonly labels: readonly TableKind[];
}

/** SLANet and SLANeXt: the table's HTML without its text, and a box for each cell. */
export interface TableStructureParams extends Normalisation {
  /** Side of the network's input, to which the crop's long side is resized. */
  readonly side: number;
  /**
   * What the boxes of the output are fractions of: the crop (SLANet alone), or the padded input. PaddleX 3.7
   * `TableLabelDecode._get_bbox_scales`.
   */
  readonly boxes: "crop" | "padded";
  /** Absent: tables of both kinds. */
  readonly kind?: TableKind;
}

/** RT-DETR: the boxes of the cells. */
export interface TableCellsParams extends Normalisation {
  readonly width: number;
  readonly height: number;
  /** A cell counts when its score is above this. */
  readonly threshold: number;
  /** Of two cells that overlap by more than this (IoU) the one with the lower score goes. */
  readonly nms: number;
  /** Absent: tables of both kinds. */
  readonly kind?: TableKind;
}
