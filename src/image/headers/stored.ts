import type { Orientation } from "./exif.ts";

/** Size and orientation as stored; what the per-format readers return. */
export interface StoredHeader {
  readonly width: number;
  readonly height: number;
  readonly orientation?: Orientation;
  readonly pages?: number;
  readonly dpi?: number | undefined;
}
