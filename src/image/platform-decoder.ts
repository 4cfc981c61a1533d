/** The border between shared image code and what only one platform can do. */
import type { RgbaImage } from "../types.ts";
import type { ImageHeader } from "./headers/header.ts";

/** Formats that the platform has to decode; the others are decoded by shared code. */
export type PlatformFormat = "png" | "jpeg" | "webp" | "avif";

/** Pixels with straight or no alpha. */
export interface PlatformPixels extends RgbaImage {
  /** Whether the decoder has already turned the picture by its orientation. */
  readonly upright: boolean;
}

/** Decodes the formats that need native or wasm code. Failures may be thrown as anything. */
export interface PlatformDecoder {
  decode(bytes: Uint8Array, header: ImageHeader, signal?: AbortSignal): Promise<PlatformPixels>;
}
