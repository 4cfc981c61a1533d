import { describe, expect, it } from "vitest";
import { groupLines } from "../../../src/output/blocks.ts";
import type { Line } from "../../../src/types.ts";
import { line, turnedLine } from "./hand-made.ts";

/** The texts of each paragraph of each block. */
function group(...lines: Line[]): string[][][] {
  return groupLines(lines).map(({ paragraphs }) =>
    paragraphs.map((paragraph) => paragraph.map(({ text }) => text)),
  );
}

/** Lines of ten letters, one below the other every 30 pixels. */
function column(name: string, x: number, y: number, count: number): Line[] {
  return Array.from({ length: count }, (_, i) =>
    line(`${name} ${i}`.padEnd(10, "."), x, y + 30 * i),
  );
}

describe("blocks", () => {
  it("are columns, however the lines of two are mixed", () => {
    const [left, right] = [column("left", 100, 100, 3), column("right", 400, 110, 3)];
    const mixed = left.flatMap((each, i) => [each, right[i] as Line]);
    expect(group(...mixed)).toEqual([
      [["left 0....", "left 1....", "left 2...."]],
      [["right 0...", "right 1...", "right 2..."]],
    ]);
  });

  it("do not take in what stands over two columns, above or below", () => {
    const wide = (name: string, y: number): Line => line(name.padEnd(40, "."), 100, y);
    const lines = [
      wide("title", 70),
      ...column("left", 100, 100, 2),
      ...column("right", 400, 100, 2),
    ];
    const firsts = group(...lines, wide("end", 160)).map((block) => block[0]?.[0]?.slice(0, 5));
    expect(firsts).toEqual(["title", "left ", "right", "end.."]);
  });

  it("end where the type is much larger, or the gap is", () => {
    // 60 is three times the height of a line: a gap of two.
    expect(
      group(line("a", 0, 0, { height: 40, letter: 20 }), line("b", 0, 50), line("c", 0, 110)),
    ).toEqual([[["a"]], [["b"]], [["c"]]]);
  });

  it("end where the direction changes", () => {
    const turned = turnedLine(line("turned", 100, 130), 15, [100, 130]);
    expect(group(line("level", 100, 100), turned)).toEqual([[["level"]], [["turned"]]]);
  });

  it("are found at any angle", () => {
    const lines = [...column("left", 100, 100, 2), ...column("right", 400, 100, 2)];
    for (const angle of [-90, 7, 90, 180]) {
      const turned = lines.map((each) => turnedLine(each, angle, [500, 500]));
      expect(group(...turned)).toEqual(group(...lines));
    }
  });

  it("do not mind a page without lines", () => {
    expect(groupLines([])).toEqual([]);
  });
});

describe("paragraphs", () => {
  it("start after a gap", () => {
    // 30, 30, 30 and 45, which is more than 1.4 times the usual 30.
    const lines = [0, 30, 60, 90, 135].map((y, i) => line(`line ${i}`, 100, y));
    expect(group(...lines)).toEqual([[["line 0", "line 1", "line 2", "line 3"], ["line 4"]]]);
  });

  it("do not start with each line of a text in double spacing", () => {
    const lines = [0, 45, 90, 135].map((y, i) => line(`line ${i}`, 100, y));
    expect(group(...lines)).toEqual([[["line 0", "line 1", "line 2", "line 3"]]]);
  });

  it("start with a line that is set in, from whichever side the text runs", () => {
    const lines = [
      line("first", 120, 0, { letter: 36 }),
      line("second....", 100, 30, { letter: 20 }),
      line("third.....", 120, 60, { letter: 18 }),
      line("fourth....", 100, 90, { letter: 20 }),
    ];
    expect(group(...lines)).toEqual([
      [
        ["first", "second...."],
        ["third.....", "fourth...."],
      ],
    ]);
    const hebrew = lines.map((each, i) => ({
      ...line(`שורה${i}`, i % 2 === 0 ? 100 : 100, 30 * i, { letter: i % 2 === 0 ? 36 : 40 }),
    }));
    expect(group(...hebrew)).toEqual([
      [
        ["שורה0", "שורה1"],
        ["שורה2", "שורה3"],
      ],
    ]);
  });

  it("start with a last line that is set in only where the line before it ends early", () => {
    const full = line("full line.", 100, 0);
    expect(group(full, line("a hang", 130, 30))).toEqual([[["full line.", "a hang"]]]);
    const short = line("ends", 100, 30);
    expect(group(full, short, line("new par", 120, 60))).toEqual([
      [["full line.", "ends"], ["new par"]],
    ]);
  });
});
