/** List items that follow each other are one list. */
import { boxAround, weightedMedian, widthOf } from "./layout-frame.ts";
import type { Draft } from "./layout-draft.ts";
import { startsWithBullet } from "./layout-marks.ts";

/** Space between two items at most, in heights. */
const MOST_GAP = 1.5;

/**
 * @param paragraphs of one run, from top to bottom
 * @returns the same, with lists in place of their items; a number that stands alone makes no list
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
    const bullet = startsWithBullet(draft.rows[0]?.text ?? "");
    return bullet ? listOf(draft.rows) : { ...draft, item: false };
  });
}

function listOf(rows: Draft["rows"]): Draft {
  const height = weightedMedian(rows.map((row) => ({ value: row.height, weight: widthOf(row) })));
  return { ...boxAround(rows), type: "list", rows, height, item: true };
}
