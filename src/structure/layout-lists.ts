/** List items that follow each other are one list. */
import { boxAround, weightedMedian, widthOf } from "./layout-frame.ts";
import type { Draft } from "./layout-draft.ts";
import { startsWithBullet } from "./layout-marks.ts";
import type { Row } from "./layout-rows.ts";

/** Space between two items at most, in heights. */
const MOST_GAP = 1.5;
/** How far the rows of an item stand in behind its mark at least, in heights. */
const HANGS = 0.5;

/**
 * @param paragraphs of one run, from top to bottom
 * @returns the same, with lists in place of their items; a number alone makes no list unless its text hangs beside it
 */
export function joinLists(paragraphs: readonly Draft[]): Draft[] {
  const result: Draft[] = [];
  for (const paragraph of paragraphs) {
    const last = result.at(-1);
    if (last?.item && paragraph.item && paragraph.top - last.bottom <= MOST_GAP * last.height) {
      result[result.length - 1] = listOf([...last.rows, ...paragraph.rows]);
    } else {
      result.push(paragraph);
    }
  }
  return result.map((draft) => {
    if (draft.type === "list" || !draft.item) return draft;
    const [first, second] = draft.rows;
    const bullet = startsWithBullet(first?.text ?? "");
    return bullet || hangs(first, second) ? listOf(draft.rows) : { ...draft, item: false };
  });
}

/** Whether the second row stands below the text of the first rather than below its number. */
function hangs(first: Row | undefined, second: Row | undefined): boolean {
  return (
    first !== undefined && second !== undefined && second.left - first.left > HANGS * first.height
  );
}

function listOf(rows: Draft["rows"]): Draft {
  const height = weightedMedian(rows.map((row) => ({ value: row.height, weight: widthOf(row) })));
  return { ...boxAround(rows), type: "list", rows, height, item: true };
}
