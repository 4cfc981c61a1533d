/** Puts together what the end of a page has torn apart: paragraphs, and tables that go on. */
import type { DocumentPage, Table, TableCell } from "../types.ts";
import { flowOf } from "./flow.ts";
import type { FlowItem } from "./flow.ts";
import { isContinued, joinTexts } from "./join-lines.ts";
import { RunningHeads } from "./running-heads.ts";

export class FlowJoiner {
  #held: FlowItem | undefined;
  /** Feet and heads that stand behind what is held. */
  #margins: FlowItem[] = [];
  readonly #running = new RunningHeads();

  /** The items that are complete now. Where the layout is known the page's last one may go on, so it is kept. */
  page(page: DocumentPage): FlowItem[] {
    const { items, heads, feet } = flowOf(page);
    if (!page.blocks) return [...this.end(), ...items];
    const newHeads = this.#running.first(heads);
    const newFeet = this.#running.first(feet);
    const [first, ...others] = items;
    if (!first) {
      // Nothing parts the pages before and after it but what stands in its margins.
      this.#margins.push(...newHeads, ...newFeet);
      return this.#held ? [] : this.end();
    }
    const joined = this.#held && this.#join(this.#held, first);
    if (joined && others.length === 0) {
      // It may go on once more.
      this.#held = joined;
      this.#margins.push(...newHeads, ...newFeet);
      return [];
    }
    const all = joined
      ? [joined, ...this.#margins, ...newHeads, ...others]
      : [...this.end(), ...newHeads, ...items];
    this.#margins = newFeet;
    this.#held = all.at(-1);
    return all.slice(0, -1);
  }

  /** What is left at the end of the document. */
  end(): FlowItem[] {
    const rest = [...(this.#held ? [this.#held] : []), ...this.#margins];
    this.#held = undefined;
    this.#margins = [];
    return rest;
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
