/**
 * Recursive XY-cut (Nagy and Seth 1984) with what pages need beyond it, as in PP-StructureV3's enhanced variant
 * (PaddleX `layout_parsing/xycut_enhanced`): columns run on through white space that happens to cross all of
 * them, and boxes that no straight cut parts are ordered by what stands above and beside them (Breuel 2003).
 */
import { boxAround, heightOf, sharedX, widthOf, type Box } from "./frame.ts";

/** Something to be ordered. */
export interface CutItem extends Box {
  /** Text that is read before all that follows below it, whatever columns there are. */
  readonly heading: boolean;
  /** Rows of text that it has; 0 where that is not known. */
  readonly rows: number;
  /** Whether it is drawn rather than written. */
  readonly picture?: boolean;
}

/** Overlaps that cuts do not mind, in heights of the text: boxes reach beyond their letters. */
const SLACK = 0.4;
/** White space over the whole width that ends columns, in heights of the text (PP-StructureV3: 3). */
const SECTION_GAP = 3;
const PICTURE_GAP = 6;
/** Blocks beside each other, such as the parts of a letterhead: height of all, and how far apart their tops are. */
const MOST_GRID = 15;
const MOST_BANDS = 2;
const SAME_TOP = 1;
const MOST_SHORT = 18;
/** More boxes than this that no cut parts are a drawing, not text: they are read by rows. */
const MOST_ENTANGLED = 200;

/**
 * @param lineHeight height of the text, in the boxes' unit
 * @param separators strokes along the text; what stands above one over all the width is read before the rest
 * @returns the items in reading order; `left` is where reading starts
 */
export function xyCut<T extends CutItem>(
  items: readonly T[],
  lineHeight: number,
  separators: readonly Box[] = [],
): T[] {
  if (items.length < 2) return [...items];
  const slack = SLACK * lineHeight;
  const ruled = splitAtSeparators(items, separators, slack);
  if (ruled.length > 1) {
    return ruled.flatMap((section) => xyCut(section, lineHeight, separators));
  }
  const columns = columnsOf(items, lineHeight, slack);
  const bands = split(items, "y", slack);
  if (columns.length > 1 && !(bands.length > 1 && isGrid(items, bands, lineHeight))) {
    return columns.flatMap((column) => xyCut(column, lineHeight, separators));
  }
  if (bands.length > 1) {
    const sections = joinBands(bands, lineHeight, slack);
    // Columns of a grid are not to be found again in the next step.
    const parts = sections.length > 1 ? sections : bands;
    return parts.flatMap((part) => xyCut(part, lineHeight, separators));
  }
  return entangled(items, slack);
}

/**
 * Parts beside each other. What stands wholly above its neighbour to the left is not a column of its own but read before
 * it: a date over a salutation. What stands wholly below has to be well apart.
 */
function columnsOf<T extends Box>(items: readonly T[], lineHeight: number, slack: number): T[][] {
  const columns: T[][] = [];
  for (const part of split(items, "x", slack)) {
    const last = columns.at(-1);
    const [a, b] = [last && boxAround(last), boxAround(part)];
    const isNear = a !== undefined && b.left - a.right < lineHeight && a.bottom <= b.top;
    if (a && (isNear || b.bottom <= a.top)) {
      last?.push(...part);
    } else {
      columns.push(part);
    }
  }
  return columns;
}

/** Items parted by white space through all of them, from the start of the axis to its end. */
export function split<T extends Box>(items: readonly T[], axis: "x" | "y", slack: number): T[][] {
  const start = (box: Box): number => (axis === "x" ? box.left : box.top);
  const end = (box: Box): number => (axis === "x" ? box.right : box.bottom);
  const parts: T[][] = [];
  let reach = -Infinity;
  for (const item of items.toSorted((a, b) => start(a) - start(b))) {
    // Small boxes may not vanish in the slack.
    const own = Math.min(slack, (end(item) - start(item)) / 4);
    if (start(item) + own >= reach) parts.push([]);
    parts.at(-1)?.push(item);
    reach = Math.max(reach, end(item) - own);
  }
  return parts;
}

/** Cuts at strokes that run over all the width of the items and touch none of them. */
function splitAtSeparators<T extends Box>(
  items: readonly T[],
  separators: readonly Box[],
  slack: number,
): T[][] {
  const around = boxAround(items);
  const cuts = separators
    .filter((stroke) => sharedX(stroke, around) >= 0.9 * widthOf(around))
    .map(({ top, bottom }) => (top + bottom) / 2)
    .filter((y) => items.every(({ top, bottom }) => y < top + slack || y > bottom - slack))
    .toSorted((a, b) => a - b);
  const parts: T[][] = [];
  let rest = [...items];
  for (const y of cuts) {
    const above = rest.filter(({ top, bottom }) => (top + bottom) / 2 < y);
    if (above.length > 0) parts.push(above);
    rest = rest.filter(({ top, bottom }) => (top + bottom) / 2 >= y);
  }
  if (rest.length > 0) parts.push(rest);
  return parts;
}

/**
 * Whether single rows stand side by side at the same heights: entries of a form or a list, which are read row
 * by row. Columns of text have paragraphs of more than one row.
 */
function isGrid(
  items: readonly CutItem[],
  bands: readonly (readonly CutItem[])[],
  lineHeight: number,
): boolean {
  if (isLetterhead(items, bands, lineHeight)) return true;
  const single = items.every(({ rows }) => rows === 1);
  if (!single || items.length < 3) return false;
  const sideBySide = bands.filter((band) => band.length > 1);
  return (
    sideBySide.length * 2 >= bands.length &&
    bands.every((band) => heightOf(boxAround(band)) < 2 * lineHeight)
  );
}

/** Whether some low blocks stand side by side, band below band, each band's at one height. */
function isLetterhead(
  items: readonly CutItem[],
  bands: readonly (readonly CutItem[])[],
  lineHeight: number,
): boolean {
  if (bands.length > MOST_BANDS || heightOf(boxAround(items)) > MOST_GRID * lineHeight)
    return false;
  // Paragraphs are longer.
  if (items.some((item) => item.rows > 1 && widthOf(item) > MOST_SHORT * lineHeight)) return false;
  const count = split(items, "x", 0).length;
  return bands.every((band) => {
    const columns = split(band, "x", 0).map(boxAround);
    const tops = columns.map(({ top }) => top);
    return (
      columns.length === count && Math.max(...tops) - Math.min(...tops) <= SAME_TOP * lineHeight
    );
  });
}

/** Bands of one section: those that have their columns in common and no wide space between them. */
function joinBands<T extends CutItem>(
  bands: readonly T[][],
  lineHeight: number,
  slack: number,
): T[][] {
  const sections: { items: T[]; columns: Box[]; bands: T[][] }[] = [];
  for (const band of bands) {
    const columns = split(band, "x", slack).map(boxAround);
    const last = sections.at(-1);
    // Extents of columns instead of all their items: a page may have thousands of bands.
    const common = last ? split([...last.columns, ...columns], "x", slack).map(boxAround) : [];
    const most = Math.max(last?.columns.length ?? 0, columns.length);
    const gap = last ? boxAround(columns).top - boxAround(last.columns).bottom : Infinity;
    // The ground of a picture may be as white as the page.
    const room = band.some(({ picture }) => picture === true) ? PICTURE_GAP : SECTION_GAP;
    const isTitle = band.length === 1 && band[0]?.heading === true;
    if (last && !isTitle && gap < room * lineHeight && common.length >= Math.max(2, most)) {
      last.items.push(...band);
      last.bands.push(band);
      last.columns = common;
    } else {
      sections.push({ items: [...band], columns, bands: [band] });
    }
  }
  // Nothing ever stands beside anything: these are not columns but parts at the left and the right.
  const isLoose = (own: readonly T[][]): boolean =>
    own.every((band) => split(band, "x", slack).length === 1);
  return sections.flatMap(({ items, bands: own }) => (isLoose(own) ? own : [items]));
}

/** Boxes that interlock: what stands above comes first, and what stands further to the start. */
function entangled<T extends Box>(items: readonly T[], slack: number): T[] {
  const rows = items.toSorted((a, b) => a.top - b.top || a.left - b.left);
  if (rows.length > MOST_ENTANGLED) return rows;
  const before = (a: T, b: T): boolean => {
    if (sharedX(a, b) > slack) return middleY(a) < middleY(b);
    if (middleX(a) >= middleX(b)) return false;
    // Beside each other: unless something over both stands between them in height.
    return !rows.some(
      (other) =>
        other !== a &&
        other !== b &&
        sharedX(other, a) > slack &&
        sharedX(other, b) > slack &&
        middleY(other) > Math.min(middleY(a), middleY(b)) &&
        middleY(other) < Math.max(middleY(a), middleY(b)),
    );
  };
  const after = new Map(rows.map((a) => [a, rows.filter((b) => a !== b && before(a, b))]));
  const waiting = new Map(rows.map((a) => [a, 0]));
  for (const b of [...after.values()].flat()) waiting.set(b, (waiting.get(b) as number) + 1);
  const result: T[] = [];
  while (waiting.size > 0) {
    // A cycle is cut at the uppermost.
    const free = rows.find((a) => waiting.get(a) === 0) ?? rows.find((a) => waiting.has(a));
    if (!free) break;
    waiting.delete(free);
    result.push(free);
    for (const b of after.get(free) as T[]) {
      const count = waiting.get(b);
      if (count !== undefined) waiting.set(b, count - 1);
    }
  }
  return result;
}

function middleX({ left, right }: Box): number {
  return (left + right) / 2;
}

function middleY({ top, bottom }: Box): number {
  return (top + bottom) / 2;
}
