/**
 * A font that draws nothing: for text that is only there to be found, selected and copied. TrueType, built
 * from nothing as the OpenType specification says. <https://learn.microsoft.com/typography/opentype/spec/>
 */
import { DESCENT } from "../place.ts";

export const UNITS_PER_EM = 1000;
/** Advance of every glyph, in font units. */
export const ADVANCE = 500;
/** Above and below the baseline: together one em, so that the font size is the height of the text. */
export const FONT_ASCENT: number = Math.round(UNITS_PER_EM * (1 - DESCENT));
export const FONT_DESCENT: number = -Math.round(UNITS_PER_EM * DESCENT);

/** The glyph that all characters share. Glyph 0 has to be ".notdef". */
export const BLANK_GLYPH = 1;
const GLYPHS = 2;

const NAME = "GlyphLessFont";

/** Big-endian numbers, one after the other. */
class Bytes {
  readonly #bytes: number[] = [];

  u8(...values: readonly number[]): this {
    this.#bytes.push(...values.map((value) => value & 0xff));
    return this;
  }

  u16(...values: readonly number[]): this {
    for (const value of values) this.u8(value >> 8, value);
    return this;
  }

  u32(...values: readonly number[]): this {
    for (const value of values) this.u16(value >>> 16, value);
    return this;
  }

  tag(text: string): this {
    return this.u8(...Array.from(text, (letter) => letter.charCodeAt(0)));
  }

  append(bytes: readonly number[]): this {
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  /** To a multiple of four. */
  pad(): this {
    while (this.#bytes.length % 4 !== 0) this.#bytes.push(0);
    return this;
  }

  get length(): number {
    return this.#bytes.length;
  }

  get list(): readonly number[] {
    return this.#bytes;
  }
}

/** The bytes of the font; the same for every document. */
export function glyphlessFont(): Uint8Array {
  const glyph = blankGlyph();
  const tables: readonly (readonly [tag: string, table: Bytes])[] = [
    ["OS/2", os2()],
    ["cmap", cmap()],
    ["glyf", glyph],
    ["head", head()],
    ["hhea", hhea()],
    ["hmtx", new Bytes().u16(ADVANCE, 0, ADVANCE, 0)],
    // Glyph 0 is empty. Offsets are halves: the short form.
    ["loca", new Bytes().u16(0, 0, glyph.length / 2)],
    ["maxp", maxp()],
    ["name", name()],
    ["post", new Bytes().u32(0x30000, 0).u16(-100, 50).u32(1, 0, 0, 0, 0)],
  ];
  const font = assemble(tables);
  // The sum over the whole file, this field included, has to be a constant.
  const headStart =
    12 + 16 * tables.length + tables.slice(0, 3).reduce((sum, [, t]) => sum + padded(t), 0);
  const view = new DataView(font.buffer);
  view.setUint32(headStart + 8, (0xb1b0afba - checksum(Array.from(font))) >>> 0);
  return font;
}

function assemble(tables: readonly (readonly [string, Bytes])[]): Uint8Array<ArrayBuffer> {
  const power = Math.floor(Math.log2(tables.length));
  const range = 16 * 2 ** power;
  const file = new Bytes().u32(0x10000);
  file.u16(tables.length, range, power, tables.length * 16 - range);
  let offset = 12 + 16 * tables.length;
  for (const [tag, table] of tables) {
    file.tag(tag).u32(checksum(table.list), offset, table.length);
    offset += padded(table);
  }
  for (const [, table] of tables) file.append(table.list).pad();
  return Uint8Array.from(file.list);
}

function padded(table: Bytes): number {
  return Math.ceil(table.length / 4) * 4;
}

/** The sum of big-endian words, modulo 2³²; what is missing from the last one is 0. */
function checksum(bytes: readonly number[]): number {
  let sum = 0;
  for (const [i, byte] of bytes.entries()) sum = (sum + byte * 2 ** (24 - 8 * (i % 4))) % 2 ** 32;
  return sum;
}

/**
 * One contour of two points, to and fro: it has no area and draws nothing, but its bounds are those of a letter. MuPDF
 * leaves out invisible text whose glyphs have empty bounds.
 */
function blankGlyph(): Bytes {
  const bounds = [0, FONT_DESCENT, ADVANCE, FONT_ASCENT];
  const onCurve = 0x01;
  const lastPoint = 1;
  return new Bytes()
    .u16(1, ...bounds, lastPoint, 0)
    .u8(onCurve, onCurve)
    .u16(0, ADVANCE, FONT_DESCENT, FONT_ASCENT - FONT_DESCENT)
    .pad();
}

function head(): Bytes {
  const [checksumLater, magic] = [0, 0x5f0f3cf5];
  return new Bytes()
    .u16(1, 0, 1, 0)
    .u32(checksumLater, magic)
    .u16(0x000b, UNITS_PER_EM)
    .u32(0, 0, 0, 0) // made and changed: seconds since 1904, as 64 bits
    .u16(0, FONT_DESCENT, ADVANCE, FONT_ASCENT)
    .u16(0, 8, 2, 0, 0);
}

function hhea(): Bytes {
  return new Bytes()
    .u16(1, 0, FONT_ASCENT, FONT_DESCENT, 0, ADVANCE)
    .u16(0, 0, 0, 1, 0, 0)
    .u16(0, 0, 0, 0, 0, GLYPHS);
}

function maxp(): Bytes {
  const [points, contours, zones] = [2, 1, 2];
  return new Bytes()
    .u32(0x10000)
    .u16(GLYPHS, points, contours, 0, 0, zones)
    .u16(0, 0, 0, 0, 0, 0, 0, 0);
}

/** The space has the blank glyph. A PDF goes by its own map, but some readers want one in the font. */
function cmap(): Bytes {
  const [space, end] = [0x20, 0xffff];
  return new Bytes()
    .u16(0, 1, 3, 1)
    .u32(12)
    .u16(4, 32, 0)
    .u16(4, 4, 1, 0) // two segments
    .u16(space, end, 0, space, end)
    .u16(BLANK_GLYPH - space, 1, 0, 0);
}

function name(): Bytes {
  const records: readonly (readonly [id: number, text: string])[] = [
    [1, NAME],
    [2, "Regular"],
    [4, NAME],
    [6, NAME],
  ];
  const table = new Bytes().u16(0, records.length, 6 + 12 * records.length);
  const strings = new Bytes();
  for (const [id, text] of records) {
    const [platform, encoding, english] = [3, 1, 0x409];
    table.u16(platform, encoding, english, id, text.length * 2, strings.length);
    strings.u16(...Array.from(text, (letter) => letter.charCodeAt(0)));
  }
  return table.append(strings.list);
}

function os2(): Bytes {
  const [version, weight, width] = [3, 400, 5];
  return new Bytes()
    .u16(version, ADVANCE, weight, width, 0)
    .u16(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) // subscripts, superscripts, strikeout, family class
    .u8(0, 0, 0, 0, 0, 0, 0, 0, 0, 0) // panose
    .u32(1, 0, 0, 0) // Basic Latin
    .tag("    ")
    .u16(0x40, 0x20, 0x20) // regular, from the space to the space
    .u16(FONT_ASCENT, FONT_DESCENT, 0, FONT_ASCENT, -FONT_DESCENT)
    .u32(1, 0)
    .u16(0, 0, 0, 0x20, 0);
}
