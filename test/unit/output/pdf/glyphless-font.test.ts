import { describe, expect, it } from "vitest";
import { glyphlessFont } from "../../../../src/output/pdf/glyphless-font.ts";
import { TextCodes } from "../../../../src/output/pdf/text-codes.ts";

const font = glyphlessFont();
const view = new DataView(font.buffer);

interface Table {
  readonly tag: string;
  readonly sum: number;
  readonly offset: number;
  readonly length: number;
}

const tables: Table[] = Array.from({ length: view.getUint16(4) }, (_, i) => {
  const at = 12 + 16 * i;
  return {
    tag: String.fromCharCode(...font.subarray(at, at + 4)),
    sum: view.getUint32(at + 4),
    offset: view.getUint32(at + 8),
    length: view.getUint32(at + 12),
  };
});

const at = (tag: string): number => tables.find((table) => table.tag === tag)?.offset ?? Number.NaN;

function sum(from: number, length: number): number {
  let total = 0;
  for (let i = from; i < from + length; i += 4) total = (total + view.getUint32(i)) >>> 0;
  return total;
}

describe("the font without glyphs", () => {
  it("has all tables that TrueType asks for, sorted, aligned, within the file and without gaps", () => {
    const tags = tables.map(({ tag }) => tag);
    expect(tags).toEqual("OS/2 cmap glyf head hhea hmtx loca maxp name post".split(" "));
    let end = 12 + 16 * tables.length;
    for (const { offset, length } of tables) {
      expect(offset).toBe(end);
      end = offset + Math.ceil(length / 4) * 4;
    }
    expect(end).toBe(font.length);
    // 16 × the greatest power of two, its exponent, the rest.
    expect([6, 8, 10].map((offset) => view.getUint16(offset))).toEqual([128, 3, 32]);
  });

  it("has the sizes that the tables' versions have", () => {
    const lengths = Object.fromEntries(tables.map(({ tag, length }) => [tag, length]));
    expect(lengths).toMatchObject({
      "OS/2": 96,
      head: 54,
      hhea: 36,
      hmtx: 8,
      loca: 6,
      maxp: 32,
      post: 32,
    });
  });

  it("has right checksums, of each table and of the whole", () => {
    for (const { tag, sum: told, offset, length } of tables) {
      const own = sum(offset, Math.ceil(length / 4) * 4);
      const adjustment = tag === "head" ? view.getUint32(offset + 8) : 0;
      expect((own - adjustment) >>> 0, tag).toBe(told);
    }
    expect(sum(0, font.length)).toBe(0xb1b0afba);
  });

  it("has two glyphs of half an em, the second with bounds and without area", () => {
    expect(view.getUint16(at("maxp") + 4)).toBe(2);
    expect(view.getUint16(at("head") + 18)).toBe(1000);
    expect([0, 4].map((offset) => view.getUint16(at("hmtx") + offset))).toEqual([500, 500]);
    expect([0, 2, 4].map((offset) => 2 * view.getUint16(at("loca") + offset))).toEqual([0, 0, 24]);
    expect(view.getInt16(at("glyf"))).toBe(1);
    const bounds = [2, 4, 6, 8].map((offset) => view.getInt16(at("glyf") + offset));
    const [ascent, descent] = [view.getInt16(at("hhea") + 4), view.getInt16(at("hhea") + 6)];
    expect(bounds).toEqual([0, descent, 500, ascent]);
    expect(view.getInt16(at("hhea") + 4) - view.getInt16(at("hhea") + 6)).toBe(1000);
  });
});

describe("codes for text", () => {
  it("are one for each character that occurs, and say what it is", () => {
    const codes = new TextCodes();
    expect(codes.encode(["a", "😀", "a", "e\u0301"])).toBe("0001000200010003");
    expect(codes.size).toBe(3);
    const map = codes.toUnicode();
    expect(map).toContain(
      "3 beginbfchar\n<0001> <0061>\n<0002> <D83DDE00>\n<0003> <00650301>\nendbfchar",
    );
  });

  it("come in blocks of a hundred, which is all that a map may hold", () => {
    const codes = new TextCodes();
    codes.encode(Array.from({ length: 201 }, (_, i) => String.fromCodePoint(0x4e00 + i)));
    expect(codes.toUnicode().match(/\d+ beginbfchar/g)).toEqual([
      "100 beginbfchar",
      "100 beginbfchar",
      "1 beginbfchar",
    ]);
  });

  it("end with one that stands for all further characters", () => {
    const codes = new TextCodes();
    const many = Array.from({ length: 70_000 }, (_, i) => String.fromCodePoint(0x20000 + i));
    expect(codes.encode(many).slice(-4)).toBe("FFFF");
    expect(codes.size).toBe(0xffff);
    expect(codes.toUnicode()).toContain("<FFFF> <FFFD>");
  });
});
