/**
 * Importing this defines `<glyphpool-reader>`. A page that has it already keeps the one that it has.
 *
 * @module
 */
import { GlyphpoolReader } from "./reader.ts";

export { GlyphpoolReader };
export type { ReaderEventMap, ReaderEvents } from "./events.ts";
export type { ReadingProgress } from "./reading.ts";
export type { ReaderSource } from "./source.ts";

const NAME = "glyphpool-reader";

// On a server there are no elements, and nothing to define.
if (typeof customElements !== "undefined" && !customElements.get(NAME)) {
  customElements.define(NAME, GlyphpoolReader);
}

/** The attributes of `<glyphpool-reader>`, beside those of every element, for the types of frameworks. */
export interface ReaderAttributes {
  readonly src?: string;
  readonly label?: string;
  readonly name?: string;
  readonly required?: boolean;
  readonly disabled?: boolean;
  readonly models?: string;
  readonly language?: string;
  readonly backend?: string;
  readonly runtime?: string;
  readonly budget?: string;
  readonly "idle-timeout"?: number | string;
  readonly structure?: string;
  readonly pages?: string;
  readonly base?: string;
}

declare global {
  interface HTMLElementTagNameMap {
    "glyphpool-reader": GlyphpoolReader;
  }
}
