export { GlyphpoolError, type ErrorCode } from "./errors.ts";
export type {
  Backend,
  ImageInput,
  ImageLimits,
  Line,
  Page,
  Point,
  Progress,
  Quad,
  Rect,
  RgbaImage,
  Timings,
  Word,
} from "./types.ts";
