import { describe, expect, it } from "vitest";
import { TimeLeft, spell } from "../../../src/element/time-left.ts";

describe("TimeLeft", () => {
  it("knows nothing before the first page, and then takes the pace of the last ones", () => {
    let now = 0;
    const clock = new TimeLeft(() => now);
    expect(clock.of(5)).toBeUndefined();
    now = 2000;
    clock.pageDone();
    expect(clock.of(5)).toBe(10_000);
    now = 2500;
    expect(clock.of(5)).toBe(9500);
    for (let page = 0; page < 9; page++) {
      now += 1000;
      clock.pageDone();
    }
    expect(clock.of(5)).toBe(5000);
  });

  it("never falls below nothing", () => {
    let now = 0;
    const clock = new TimeLeft(() => now);
    now = 1000;
    clock.pageDone();
    now = 60_000;
    expect(clock.of(1)).toBe(0);
  });
});

it.each([
  [10, "1 s"],
  [59_400, "59 s"],
  [150_000, "3 min"],
  [3_600_000, "1 h"],
  [7_500_000, "2 h 5 min"],
])("%i ms are %j", (milliseconds, text) => {
  expect(spell(milliseconds)).toBe(text);
});
