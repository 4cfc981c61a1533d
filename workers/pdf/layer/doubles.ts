/** Text that is drawn twice to look bold or to throw a shadow, once. */
import { levelOf, placeOf } from "./glyph.ts";
import type { Glyph } from "./glyph.ts";

/** Farthest shadow of a whole string and of a single letter, of the size. */
const STRING_SHADOW = 0.4;
const LETTER_SHADOW = 0.2;
/** Letters that stand beside each other are farther apart than this part of their width: "ll". */
const LETTER_PART = 0.5;
/** Shorter strings are compared letter by letter. */
const LEAST_STRING = 3;
/** Points. Twins are looked for in the cells around. */
const CELL = 8;

/** Without what repeats a glyph at nearly the same place. Of a hidden and a visible twin the visible one stays. */
export function withoutDoubles(glyphs: readonly Glyph[]): Glyph[] {
  const strings = new Places();
  const letters = new Places();
  const kept = new Set<Glyph>();
  for (const string of byText(glyphs)) {
    const [first] = string;
    if (!first) continue;
    const text = string.map((glyph) => glyph.text).join("");
    const far = STRING_SHADOW * first.size;
    const isRepeated =
      text.length >= LEAST_STRING &&
      strings.find(text, first, (other) => isNear(first, other, far, far));
    if (isRepeated && isRepeated.seen === first.seen) continue;
    strings.put(text, first);
    for (const glyph of string) {
      if (/^\s*$/.test(glyph.text)) {
        kept.add(glyph);
        continue;
      }
      const twin = letters.find(glyph.text, glyph, (other) => {
        const reach = Math.min(LETTER_PART * glyph.length, LETTER_SHADOW * glyph.size);
        return isNear(glyph, other, reach, LETTER_SHADOW * glyph.size);
      });
      if (twin && !(twin.seen === "hidden" && glyph.seen === "yes")) continue;
      if (twin) kept.delete(twin);
      kept.add(glyph);
      letters.put(glyph.text, glyph);
    }
  }
  return glyphs.filter((glyph) => kept.has(glyph));
}

function* byText(glyphs: readonly Glyph[]): Generator<Glyph[]> {
  let string: Glyph[] = [];
  for (const glyph of glyphs) {
    if (string[0] && string[0].shown !== glyph.shown) {
      yield string;
      string = [];
    }
    string.push(glyph);
  }
  yield string;
}

function isNear(a: Glyph, b: Glyph, along: number, across: number): boolean {
  const cosine = a.along[0] * b.along[0] + a.along[1] * b.along[1];
  if (cosine < 0.99 || Math.abs(a.size - b.size) > 0.1 * a.size) return false;
  const ahead = Math.abs(placeOf(a, a.origin) - placeOf(a, b.origin));
  const aside = Math.abs(levelOf(a, a.origin) - levelOf(a, b.origin));
  return ahead <= along && aside <= across;
}

/** Glyphs by their text and place. Most texts stand once, so the text comes first. */
class Places {
  readonly #texts = new Map<string, Map<number, Glyph[]>>();

  put(text: string, glyph: Glyph): void {
    let cells = this.#texts.get(text);
    if (!cells) this.#texts.set(text, (cells = new Map()));
    const key = keyOf(...cellOf(glyph));
    const cell = cells.get(key);
    if (cell) cell.push(glyph);
    else cells.set(key, [glyph]);
  }

  find(text: string, glyph: Glyph, matches: (other: Glyph) => boolean): Glyph | undefined {
    const cells = this.#texts.get(text);
    if (!cells) return undefined;
    const [x, y] = cellOf(glyph);
    const reach = Math.ceil((STRING_SHADOW * glyph.size) / CELL);
    if (reach > MAX_REACH) return undefined;
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        const found = cells.get(keyOf(x + dx, y + dy))?.find(matches);
        if (found) return found;
      }
    }
    return undefined;
  }
}

/** Cells: letters of 300 points. */
const MAX_REACH = 16;
/** Cells of a page are fewer in a row: PDF pages end at 14,400 points. */
const ROW = 1 << 20;

function cellOf({ origin: [x, y] }: Glyph): [number, number] {
  return [Math.floor(x / CELL), Math.floor(y / CELL)];
}

function keyOf(x: number, y: number): number {
  return y * ROW + x;
}
