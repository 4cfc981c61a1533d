/** Bounds for inputs. */
import { integer, invalidOption } from "./rules.ts";
import type { ImageLimits } from "../types.ts";

export const DEFAULT_LIMITS: ImageLimits = {
  maxBytes: 128 * 2 ** 20,
  maxPixels: 100_000_000,
  maxSide: 20_000,
};

export const LIMITS_ALLOWED = "an object with maxBytes, maxPixels or maxSide";

/** @throws GlyphpoolError `INVALID_OPTION` */
export function resolveLimits(limits: Partial<ImageLimits>): ImageLimits {
  const positive = integer(1, Number.MAX_SAFE_INTEGER);
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name)) {
      throw invalidOption("limits", `{ ${name} }`, LIMITS_ALLOWED);
    }
    if (value !== undefined && !positive.accepts(value)) {
      throw invalidOption(`limits.${name}`, value, positive.allowed);
    }
  }
  return {
    maxBytes: limits.maxBytes ?? DEFAULT_LIMITS.maxBytes,
    maxPixels: limits.maxPixels ?? DEFAULT_LIMITS.maxPixels,
    maxSide: limits.maxSide ?? DEFAULT_LIMITS.maxSide,
  };
}
