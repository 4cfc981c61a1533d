/** The canvas in Deno: a native package, which may be missing. Text layers are read without it. */
import { GlyphpoolError } from "../../src/errors.ts";
import type { CanvasMaker } from "./canvas.ts";

interface SystemFonts {
  /** @param folders further ones, besides the system's */
  enableSystemFonts(folders: string[]): void;
}

/**
 * @returns a maker of canvases; one that throws `BACKEND_UNAVAILABLE` where they cannot be had
 */
export async function loadCanvas(): Promise<CanvasMaker> {
  try {
    const { GlobalFonts, createCanvas } = await import("@napi-rs/canvas");
    // For text in fonts that are neither embedded nor among the standard ones. The types leave it out.
    (GlobalFonts as unknown as SystemFonts).enableSystemFonts([]);
    return createCanvas as unknown as CanvasMaker;
  } catch (cause) {
    const why = await whyNot(cause);
    return () => {
      const message = `Pages of a PDF cannot be drawn in Deno: ${why}. Their text layers can be read.`;
      throw new GlyphpoolError("BACKEND_UNAVAILABLE", message, { cause });
    };
  }
}

async function whyNot(cause: unknown): Promise<string> {
  const { state } = await Deno.permissions.query({ name: "ffi" });
  if (state !== "granted") return "@napi-rs/canvas is native code, which needs --allow-ffi";
  const first = String(cause).split("\n", 1)[0] ?? "";
  return `the package @napi-rs/canvas is not installed or does not load (${first})`;
}
