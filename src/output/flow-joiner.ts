/** Puts together what the end of a page has torn apart: paragraphs, and tables that go on. */
import type { DocumentPage, Table, TableCell } from "../types.ts";
import { flowOf } from "./flow.ts";
import type { FlowItem } from "./flow.ts";
import { isContinued, joinTexts } from "./join-lines.ts";

export class FlowJoiner {
  #held: FlowItem | undefined;

  /** The items that are complete now. Where the layout is known the page's last one may go on, so it is kept. */
  page(page: DocumentPage): FlowItem[] {
    const items = flowOf(page);
    if (!page.blocks) return [...this.end(), ...items];
    const [first, ...others] = items;
    if (!first) return [];
    const joined = this.#held && this.#join(this.#held, first);
    const all = joined ? [joined, ...others] : [...this.end(), ...items];
    this.#held = all.at(-1);
    return all.slice(0, -1);
  }

  /** What is left at the end of the document. */
  end(): FlowItem[] {
    const held = this.#held;
    this.#held = undefined;
    return held ? [held] : [];
  }

  #join(before: FlowItem, after: FlowItem): FlowItem | undefined {
    if (before.kind === "paragraph" && after.kind === "paragraph") {
      if (!isContinued(before.text, after.text)) return undefined;
      return { kind: "paragraph", text: joinTexts(before.text, after.text) };
    }
    if (before.kind !== "table" || after.kind !== "table") return undefined;
    // A table that ends a page and one that begins the next, of as many columns, are one.
    if (before.table.columns !== after.table.columns) return undefined;
    return { kind: "table", table: appended(before.table, after.table) };
  }
}

/** The rows of both; a head that is repeated is left out. */
function appended(first: Table, second: Table): Table {
  const rowText = (table: Table, row: number): string =>
    JSON.stringify(table.cells.filter((cell) => cell.row === row).map(({ text }) => text.trim()));
  let repeated = 0;
  while (
    repeated < Math.min(first.rows, second.rows) &&
    second.cells.some((cell) => cell.row === repeated && cell.header) &&
    rowText(first, repeated) === rowText(second, repeated)
  ) {
    repeated++;
  }
  const shifted = second.cells
    .filter(({ row }) => row >= repeated)
    // Where it stands, it stands on another page.
    .map(({ polygon: _there, ...cell }): TableCell => ({
      ...cell,
      row: cell.row - repeated + first.rows,
    }));
  return {
    rows: first.rows + second.rows - repeated,
    columns: first.columns,
    cells: [...first.cells, ...shifted],
  };
}
