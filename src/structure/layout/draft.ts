/** Parts of a page while it is still being told what they are. */
import type { BlockType } from "../../types.ts";
import { sharedX, type Box } from "./frame.ts";
import type { Row } from "./rows.ts";

/** A part of the page, in the frame. */
export interface Draft extends Box {
  readonly type: BlockType;
  /** From top to bottom; none for figures without text. */
  readonly rows: readonly Row[];
  /** Of its print, in pixels; 0 without text. */
  readonly height: number;
  readonly level?: number;
  /** Whether it begins with a list mark. */
  readonly item?: boolean;
}

/** What stands directly above and below a part. */
export interface Neighbours {
  readonly above?: Draft;
  readonly below?: Draft;
}

/** The text of a part's rows, joined with spaces. */
export function textOf({ rows }: Draft): string {
  return rows.map(({ text }) => text).join(" ");
}

/** For each part the nearest ones above and below that share some of its width. */
export function findNeighbours(drafts: readonly Draft[]): Map<Draft, Neighbours> {
  const byTop = drafts.toSorted((a, b) => a.top - b.top);
  const byBottom = drafts.toSorted((a, b) => b.bottom - a.bottom);
  const below = nearest(byTop, (a, b) => middle(b) > middle(a) && b.top > a.top);
  const above = nearest(byBottom, (a, b) => middle(b) < middle(a) && b.bottom < a.bottom);
  return new Map(
    drafts.map((draft) => {
      const [up, down] = [above.get(draft), below.get(draft)];
      return [draft, { ...(up && { above: up }), ...(down && { below: down }) }];
    }),
  );
}

function nearest(
  sorted: readonly Draft[],
  isBeyond: (a: Draft, b: Draft) => boolean,
): Map<Draft, Draft> {
  const found = new Map<Draft, Draft>();
  for (const [i, draft] of sorted.entries()) {
    for (let j = i + 1; j < sorted.length; j++) {
      const other = sorted[j] as Draft;
      if (!isBeyond(draft, other) || sharedX(draft, other) <= 0) continue;
      found.set(draft, other);
      break;
    }
  }
  return found;
}

function middle({ top, bottom }: Box): number {
  return (top + bottom) / 2;
}
