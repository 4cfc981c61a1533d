/** Tables as comma-separated values (RFC 4180). */
import type { DocumentPage, Table } from "../types.ts";
import { FlowJoiner } from "./flow-joiner.ts";
import type { FlowItem } from "./flow.ts";
import { printable } from "./text.ts";
import type { DocumentWriter } from "./writer.ts";

/** The tables of a document, page by page. One that goes on over pages comes when it has ended, as one. */
export class TableStream {
  readonly #joiner = new FlowJoiner();

  /** @returns the tables that are complete now */
  page(page: DocumentPage): Table[] {
    return tablesOf(this.#joiner.page(page));
  }

  /** @returns what is left at the end of the document */
  end(): Table[] {
    return tablesOf(this.#joiner.end());
  }
}

function tablesOf(items: readonly FlowItem[]): Table[] {
  return items.flatMap((item) => (item.kind === "table" ? [item.table] : []));
}

/** A record for each row, all with as many fields as there are columns; places that a span covers are empty. */
export function tableCsv({ rows, columns, cells }: Table): string {
  const grid = Array.from({ length: rows }, () => Array.from({ length: columns }, () => ""));
  for (const { row, column, text } of cells) {
    const record = grid[row];
    if (record) record[column] = field(text);
  }
  return grid.map((record) => `${record.join(",")}\r\n`).join("");
}

function field(text: string): string {
  const clean = printable(text).replace(/\s+/gu, " ").trim();
  return /[",]/u.test(clean) ? `"${clean.replaceAll('"', '""')}"` : clean;
}

/** All tables of a document, with an empty line between two. */
export function csvWriter(): DocumentWriter {
  const tables = new TableStream();
  let started = false;
  const write = (found: readonly Table[]): string =>
    found
      .map((table) => {
        const separator = started ? "\r\n" : "";
        started = true;
        return separator + tableCsv(table);
      })
      .join("");
  return {
    head: () => "",
    page: (page) => write(tables.page(page)),
    tail: () => write(tables.end()),
  };
}
