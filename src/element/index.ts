/**
 * Importing this defines `<glyphpool-reader>`. A page that has it already keeps the one that it has.
 *
 * @module
 */
import { GlyphpoolReader } from "./reader.ts";

export { GlyphpoolReader };
export type { ReaderEvents } from "./reader.ts";
export type { ReadingProgress } from "./reading.ts";
export type { ReaderSource } from "./source.ts";

const NAME = "glyphpool-reader";

// On a server there are no elements, and nothing to define.
if (typeof customElements !== "undefined" && !customElements.get(NAME)) {
  customElements.define(NAME, GlyphpoolReader);
}

declare global {
  interface HTMLElementTagNameMap {
    "glyphpool-reader": GlyphpoolReader;
  }
}
