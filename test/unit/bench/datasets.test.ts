import { expect, test } from "vitest";
import { parseFunsd, parseSroie } from "../../bench/datasets.ts";

test("SROIE texts keep their commas and quotes", () => {
  const csv = '107,112,328,110,328,134,105,136,NO.2&4,JALAN 3/2,\r\n1,2,3,2,3,4,1,4,9" HT\n\n';
  expect(parseSroie(csv)).toEqual([
    { text: "NO.2&4,JALAN 3/2,", x0: 105, y0: 110, x1: 328, y1: 136 },
    { text: '9" HT', x0: 1, y0: 2, x1: 3, y1: 4 },
  ]);
});

test("FUNSD gives the words of all entries", () => {
  const json = JSON.stringify({
    form: [
      {
        text: "TO: me",
        words: [
          { box: [1, 2, 3, 4], text: "TO:" },
          { box: [4, 2, 6, 4], text: "me" },
        ],
      },
      { text: "", words: [{ box: [7, 7, 9, 9], text: "" }] },
    ],
  });
  expect(parseFunsd(json)).toEqual([
    { text: "TO:", x0: 1, y0: 2, x1: 3, y1: 4 },
    { text: "me", x0: 4, y0: 2, x1: 6, y1: 4 },
    { text: "", x0: 7, y0: 7, x1: 9, y1: 9 },
  ]);
});
