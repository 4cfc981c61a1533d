/** Indices and exponents that the detector has found by themselves. */
import { sharedX, sharedY, widthOf, type TextLine } from "./layout-frame.ts";
import { rowOf, type Row } from "./layout-rows.ts";

/** Letters of an index at most, its height against the row's, and the part of it that the row's box holds. */
const SCRAP_LETTERS = 4;
const SCRAP_HEIGHT = 0.8;
const SCRAP_TOUCH = 0.25;

/** @returns the rows, with scraps in those that they touch */
export function withScraps(rows: readonly Row[]): Row[] {
  const isShort = ({ text, lines }: Row): boolean =>
    lines.length === 1 && text.length <= SCRAP_LETTERS;
  const scraps = rows.filter(isShort);
  const whole = rows.filter((row) => !isShort(row));
  const added = new Map<Row, TextLine[]>();
  const alone: Row[] = [];
  for (const scrap of scraps) {
    const height = Math.max(scrap.height, widthOf(scrap) / scrap.text.length);
    const home = whole.find(
      (row) =>
        height <= SCRAP_HEIGHT * row.height &&
        sharedX(scrap, row) > 0 &&
        sharedY(scrap, row) >= SCRAP_TOUCH * scrap.height,
    );
    if (home) added.set(home, [...(added.get(home) ?? []), ...scrap.lines]);
    else alone.push(scrap);
  }
  return [
    ...whole.map((row) => {
      const more = added.get(row);
      if (!more) return row;
      const all = [...row.lines, ...more].toSorted((a, b) => a.left - b.left);
      return { ...rowOf(all), top: row.top, bottom: row.bottom, height: row.height };
    }),
    ...alone,
  ];
}
