import { describe, expect, it } from "vitest";
import { findRulings } from "../../../../src/structure/rulings/find-rulings.ts";
import type { Ruling } from "../../../../src/structure/rulings/ruling.ts";
import { BLACK, Sheet, WHITE, type Colour } from "../tables/drawn-table.ts";

/** Whole pixels of each ruling: where, from and to. */
function places(rulings: readonly Ruling[]): number[][] {
  return rulings.map(({ at, from, to }) => [at, from, to].map(Math.round));
}

/** The letters E, H, I and L of a title, 30 pixels high. */
function letters(sheet: Sheet, x: number, y: number, count: number): void {
  const bars = [[0, 13, 26], [13], [], [26]];
  for (let i = 0; i < count; i++) {
    const left = x + i * 30;
    sheet.fill(left, y, 4, 30);
    if (i % 4 === 1) sheet.fill(left + 16, y, 4, 30);
    for (const bar of bars[i % 4] ?? []) sheet.fill(left, y + bar, 20, 4);
  }
}

describe("findRulings", () => {
  it("finds strokes of both directions from one pixel to ten", () => {
    for (const thickness of [1, 2, 5, 10]) {
      const sheet = new Sheet(400, 300);
      sheet.fill(50, 100, 300, thickness);
      sheet.fill(200, 20, thickness, 260);
      const { horizontal, vertical } = findRulings(sheet);
      expect(places(horizontal)).toEqual([[Math.round(100 + thickness / 2), 50, 350]]);
      expect(places(vertical)).toEqual([[Math.round(200 + thickness / 2), 20, 280]]);
    }
  });

  it.each<[string, Colour, Colour]>([
    ["light on dark", WHITE, [30, 60, 110]],
    ["light grey on white", [215, 215, 215], WHITE],
    ["red on white", [220, 60, 60], WHITE],
    ["blue on yellow", [60, 90, 200], [250, 240, 150]],
  ])("finds %s", (_, ink, paper) => {
    const sheet = new Sheet(300, 200, paper);
    sheet.fill(20, 80, 250, 2, ink);
    sheet.fill(150, 10, 2, 180, ink);
    const { horizontal, vertical } = findRulings(sheet);
    expect(places(horizontal)).toEqual([[81, 20, 270]]);
    expect(places(vertical)).toEqual([[151, 10, 190]]);
  });

  it("follows a drift of two degrees either way, and gives the middle", () => {
    for (const degrees of [2, 1, -1, -2]) {
      const slope = Math.tan((degrees * Math.PI) / 180);
      const sheet = new Sheet(600, 600);
      sheet.drift(50, 300, 500, slope, 1);
      sheet.driftDown(300, 50, 500, -slope, 1);
      const { horizontal, vertical } = findRulings(sheet);
      expect(horizontal).toHaveLength(1);
      expect(vertical).toHaveLength(1);
      expect(Math.abs((horizontal[0]?.at ?? 0) - (300 + 250 * slope))).toBeLessThan(1.5);
      expect(Math.abs((vertical[0]?.at ?? 0) - (300 - 250 * slope))).toBeLessThan(1.5);
      expect(horizontal[0]?.from).toBeLessThan(55);
      expect(horizontal[0]?.to).toBeGreaterThan(545);
    }
  });

  it("follows a greater drift where the skew is known", () => {
    const slope = Math.tan((5 * Math.PI) / 180);
    const sheet = new Sheet(600, 400);
    sheet.drift(50, 150, 500, slope, 2);
    sheet.driftDown(300, 20, 350, -slope, 2);
    expect(findRulings(sheet)).toEqual({ horizontal: [], vertical: [] });
    const { horizontal, vertical } = findRulings(sheet, 5);
    expect([horizontal.length, vertical.length]).toEqual([1, 1]);
  });

  it("bridges small gaps, and crossings", () => {
    const sheet = new Sheet(400, 300);
    sheet.fill(50, 100, 300, 2);
    sheet.fill(120, 95, 4, 10, WHITE);
    for (const x of [80, 160, 240]) sheet.fill(x, 40, 4, 200);
    const { horizontal, vertical } = findRulings(sheet);
    expect(places(horizontal)).toEqual([[101, 50, 350]]);
    expect(places(vertical)).toEqual([80, 160, 240].map((x) => [x + 2, 40, 240]));
  });

  it("finds a line that a curve touches, and one that is bowed", () => {
    const sheet = new Sheet(700, 300);
    sheet.fill(50, 100, 600, 2);
    // A circle around something in a cell, whose top runs into the line.
    for (let degree = 0; degree < 360; degree += 0.25) {
      const angle = (degree * Math.PI) / 180;
      sheet.fill(
        Math.round(300 + 60 * Math.cos(angle)),
        Math.round(131 + 30 * Math.sin(angle)),
        2,
        2,
      );
    }
    // Two pixels lower in the middle than at the ends, as a page that is not flat.
    for (let x = 0; x < 600; x++) {
      sheet.fill(50 + x, Math.round(230 + 2 * Math.sin((x * Math.PI) / 600)), 1, 1);
    }
    expect(places(findRulings(sheet).horizontal).map(([, from, to]) => [from, to])).toEqual([
      [50, 650],
      [50, 650],
    ]);
  });

  it("takes dashes for one line", () => {
    const sheet = new Sheet(400, 200);
    for (let x = 40; x < 340; x += 12) sheet.fill(x, 90, 8, 2, [150, 150, 150]);
    expect(places(findRulings(sheet).horizontal)).toEqual([[91, 40, 336]]);
  });

  it("takes a double line for one, and lines of a narrow row for two", () => {
    const sheet = new Sheet(400, 200);
    sheet.fill(50, 60, 300, 2);
    sheet.fill(50, 65, 300, 2);
    sheet.fill(50, 120, 300, 2);
    sheet.fill(50, 132, 300, 2);
    const { horizontal } = findRulings(sheet);
    expect(places(horizontal)).toEqual([
      [64, 50, 350],
      [121, 50, 350],
      [133, 50, 350],
    ]);
    expect(horizontal[0]?.thickness).toBeCloseTo(7, 0);
  });

  it("keeps a short line only where it runs from one line to another", () => {
    const sheet = new Sheet(1000, 1000);
    sheet.fill(100, 100, 800, 2);
    sheet.fill(100, 116, 800, 2);
    sheet.fill(500, 100, 2, 18);
    sheet.fill(500, 300, 2, 18);
    expect(places(findRulings(sheet).vertical)).toEqual([[501, 102, 116]]);
  });

  it("leaves letters, filled areas and pictures alone", () => {
    const sheet = new Sheet(800, 600);
    letters(sheet, 40, 40, 20);
    sheet.fill(100, 200, 300, 100, [60, 110, 170]);
    // A soft picture: a hill of grey.
    for (let y = 0; y < 200; y++) {
      for (let x = 0; x < 200; x++) {
        const grey = Math.round(120 + 80 * Math.sin(x / 30) * Math.sin(y / 40));
        sheet.fill(500 + x, 350 + y, 1, 1, [grey, grey, grey]);
      }
    }
    expect(findRulings(sheet)).toEqual({ horizontal: [], vertical: [] });
  });

  it("leaves the spaces between lines of text alone, which are long and light", () => {
    const sheet = new Sheet(600, 300);
    // Ink in half of the places, six pixels high, and three pixels to the next line.
    let seed = 1;
    for (let line = 0; line < 8; line++) {
      for (let i = 0; i < 750; i++) {
        seed = (seed * 48_271) % 2_147_483_647;
        if (seed % 2 === 0) continue;
        sheet.fill(40 + 2 * (i % 250), 100 + 9 * line + 2 * Math.floor(i / 250), 2, 2);
      }
    }
    expect(findRulings(sheet)).toEqual({ horizontal: [], vertical: [] });
  });

  it("finds lines of large pictures in their own pixels", () => {
    const sheet = new Sheet(2600, 2000);
    sheet.fill(200, 800, 2000, 4, BLACK);
    sheet.fill(1500, 100, 3, 1800, BLACK);
    const { horizontal, vertical } = findRulings(sheet);
    expect(horizontal).toHaveLength(1);
    expect(Math.abs((horizontal[0]?.at ?? 0) - 802)).toBeLessThanOrEqual(1);
    expect(Math.abs((vertical[0]?.at ?? 0) - 1501.5)).toBeLessThanOrEqual(1);
    expect(horizontal[0]?.from).toBeCloseTo(200, -1);
  });

  it("does not mind a picture of a few pixels", () => {
    expect(findRulings(new Sheet(1, 1))).toEqual({ horizontal: [], vertical: [] });
    expect(findRulings(new Sheet(3, 9))).toEqual({ horizontal: [], vertical: [] });
  });
});
