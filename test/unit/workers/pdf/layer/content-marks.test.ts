import { describe, expect, it } from "vitest";
import { marksOf } from "../../../../../workers/pdf/layer/content-marks.ts";

const marks = (...parts: string[]): unknown[] =>
  marksOf(parts.map((part) => Uint8Array.from(part, (letter) => letter.charCodeAt(0))));

describe("marks of a content stream", () => {
  it.each([
    ["a text of its own", "/Span <</ActualText(f\\(i\\051)>> BDC (x) Tj EMC", [{ text: "f(i)" }]],
    ["UTF-16", "/Span<</ActualText<feff00e9>>>BDC EMC", [{ text: "é" }]],
    ["other properties", "/Span <</Lang (en) /A [1 (x)]>> BDC EMC", [{}]],
    ["named properties", "/Span /P0 BDC EMC", [{ properties: "P0" }]],
    ["a form", "q 1 0 0 1 0 0 cm /Fm#31 Do Q", [{ form: "Fm1" }]],
    ["numbers and other names left out", "/Span <</MCID 3>> BDC /P <</ActualText(a)>> BDC", []],
    ["strings that look like marks", "(/Span <</ActualText(a)>> BDC) Tj % /Span /P BDC\n", []],
    ["an inline image", "BI /W 1 ID /Span /P BDC\u0001 EI /Span /Q BDC", [{ properties: "Q" }]],
    ["damage", "/Span <</ActualText(a", []],
  ])("%s", (_, code, wanted) => {
    expect(marks(code)).toEqual(wanted);
  });

  it("go on from one stream to the next", () => {
    expect(marks("/Span", "/P BDC")).toEqual([{ properties: "P" }]);
  });
});
