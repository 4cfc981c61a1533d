/** The canvas in Deno: a native package, which may be missing. Text layers are read without it. */
import { GlyphpoolError } from "../../src/errors.ts";
import { loadOptional } from "../../src/core/optional-package.ts";
import type { CanvasMaker } from "./canvas.ts";

interface SystemFonts {
  /** @param folders further ones, besides the system's */
  enableSystemFonts(folders: string[]): void;
}

/**
 * @returns a maker of canvases; where they cannot be had one that throws `MODULE_MISSING` or `BACKEND_UNAVAILABLE`
 */
export async function loadCanvas(): Promise<CanvasMaker> {
  try {
    const { GlobalFonts, createCanvas } = await loadOptional(
      () => import("@napi-rs/canvas"),
      "@napi-rs/canvas",
      "Drawing pages of a PDF",
    );
    // For text in fonts that are neither embedded nor among the standard ones. The types leave it out.
    (GlobalFonts as unknown as SystemFonts).enableSystemFonts([]);
    return createCanvas as unknown as CanvasMaker;
  } catch (cause) {
    const error = await explain(cause);
    return () => {
      throw error;
    };
  }
}

async function explain(cause: unknown): Promise<GlyphpoolError> {
  const { state } = await Deno.permissions.query({ name: "ffi" });
  if (state === "granted" && GlyphpoolError.is(cause)) return cause;
  const first = String(cause).split("\n", 1)[0] ?? "";
  const why =
    state === "granted"
      ? `the package @napi-rs/canvas does not load (${first})`
      : "@napi-rs/canvas is native code, which needs --allow-ffi";
  const message = `Pages of a PDF cannot be drawn in Deno: ${why}. Their text layers can be read.`;
  return new GlyphpoolError("BACKEND_UNAVAILABLE", message, { cause });
}
