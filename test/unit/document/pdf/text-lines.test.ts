import { describe, expect, it } from "vitest";
import { layerLines } from "../../../../src/document/pdf/text-lines.ts";
import type { TextRun } from "../../../../src/document/pdf/worker-types.ts";

/** Ten-point text with its top-left corner at (x, y); letters are five points wide. */
function run(text: string, x: number, y: number, more: Partial<TextRun> = {}): TextRun {
  const right = x + text.length * 5;
  return {
    text,
    polygon: [
      [x, y],
      [right, y],
      [right, y + 10],
      [x, y + 10],
    ],
    fontSize: 10,
    hasEOL: false,
    dir: "ltr",
    ...more,
  };
}

const texts = (...runs: TextRun[]): string[] => layerLines({ runs }, 72).map(({ text }) => text);

describe("lines of a text layer", () => {
  it("are in pixels", () => {
    const [line] = layerLines({ runs: [run("abcd", 10, 20)] }, 144);
    expect(line).toEqual({
      text: "abcd",
      confidence: 1,
      polygon: [
        [20, 40],
        [60, 40],
        [60, 60],
        [20, 60],
      ],
      words: [expect.objectContaining({ text: "abcd", confidence: 1 })],
    });
  });

  it("join runs on a baseline, with spaces where there are gaps", () => {
    expect(texts(run("Hel", 0, 0), run("lo", 15, 0), run("world", 29, 0))).toEqual(["Hello world"]);
    expect(texts(run("narrow", 0, 0), run(" ", 30, 0), run("space", 31, 0))).toEqual([
      "narrow space",
    ]);
    expect(texts(run("a", 0, 0, { hasEOL: true }), run("b", 0, 12))).toEqual(["a", "b"]);
  });

  it("keep columns and chapters' first letters apart", () => {
    expect(texts(run("left", 0, 0), run("right", 60, 0))).toEqual(["left", "right"]);
    const large = run("O", 0, 0, {
      fontSize: 30,
      polygon: [
        [0, 0],
        [20, 0],
        [20, 30],
        [0, 30],
      ],
    });
    expect(texts(large, run("nce", 22, 0))).toEqual(["O", "nce"]);
  });

  it("take up what was drawn late, and stay in the order of the document", () => {
    const runs = [
      run("see", 0, 0, { hasEOL: true }),
      run("second", 0, 12, { hasEOL: true }),
      run("bold", 18, 0),
    ];
    expect(texts(...runs)).toEqual(["see bold", "second"]);
    expect(texts(run("below", 0, 100, { hasEOL: true }), run("above", 0, 0))).toEqual([
      "below",
      "above",
    ]);
  });

  it("hold superscripts", () => {
    const note = run("1", 20, -1, {
      fontSize: 6,
      polygon: [
        [20, -1],
        [23, -1],
        [23, 5],
        [20, 5],
      ],
    });
    expect(texts(run("text", 0, 0), note, run("goes", 26, 0))).toEqual(["text1 goes"]);
  });

  it("keep right-to-left text in logical order, with words from the right", () => {
    const [line] = layerLines({ runs: [run("שלום עולם", 0, 0, { dir: "rtl" })] }, 72);
    expect(line?.text).toBe("שלום עולם");
    const [first, second] = line!.words!;
    expect(first!.polygon[0][0]).toBeGreaterThan(second!.polygon[1][0]);
    const parts = [run("שלום", 40, 0, { dir: "rtl" }), run("עולם", 17, 0, { dir: "rtl" })];
    expect(texts(...parts)).toEqual(["שלום עולם"]);
  });

  it("are cut into words at their spaces", () => {
    const [line] = layerLines({ runs: [run("ill will", 0, 0)] }, 72);
    const [ill, will] = line!.words!;
    expect(ill!.polygon[0][0]).toBe(0);
    expect(will!.polygon[1][0]).toBeCloseTo(40);
    // Narrow letters take less than their share.
    expect(ill!.polygon[1][0]).toBeLessThan(15);
  });

  it("are cut where the document says that their letters end", () => {
    const [line] = layerLines(
      { runs: [run("ab cde", 0, 0, { ends: [0.1, 0.2, 0.5, 0.8, 0.9, 1] })] },
      72,
    );
    expect(line!.words!.map(({ polygon }) => [polygon[0][0], polygon[1][0]])).toEqual([
      [0, 6],
      [15, 30],
    ]);
  });

  it("may be turned or upright", () => {
    const down = run("down", 0, 0, {
      polygon: [
        [50, 0],
        [50, 20],
        [40, 20],
        [40, 0],
      ],
    });
    expect(
      layerLines({ runs: [down] }, 72)[0]
        ?.polygon.flat()
        .map(Math.round),
    ).toEqual(down.polygon.flat());
    const column = run("縦書", 0, 0, {
      dir: "ttb",
      polygon: [
        [0, 0],
        [10, 0],
        [10, 20],
        [0, 20],
      ],
    });
    expect(layerLines({ runs: [column] }, 72)[0]).toMatchObject({
      text: "縦書",
      polygon: column.polygon,
    });
  });

  it("leave out control characters and white space", () => {
    expect(texts(run("a\u0003b", 0, 0), run("   ", 0, 50), run("\u0001", 0, 80))).toEqual(["ab"]);
  });
});
