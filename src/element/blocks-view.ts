/** A page as it reads: headings, paragraphs, lists, tables and formulas as such. */
import { flowOf } from "../output/flow.ts";
import type { FlowItem } from "../output/flow.ts";
import { RunningHeads } from "../output/running-heads.ts";
import type { DocumentPage, Table, TableCell } from "../types.ts";
import { make } from "./dom.ts";

/** Levels below the one that a reader's own heading would have. */
const HEADINGS = ["h3", "h4", "h5", "h6"] as const;

/** The elements of a document's pages, in reading order; heads and feet that repeat are shown once. */
export function showBlocks(pages: readonly DocumentPage[]): HTMLElement[] {
  const running = new RunningHeads();
  return pages.flatMap((page) => {
    const { items, heads, feet } = flowOf(page);
    return [...running.first(heads), ...items, ...running.first(feet)].map(show);
  });
}

function show(item: FlowItem): HTMLElement {
  switch (item.kind) {
    case "heading":
      return make(HEADINGS[Math.min(item.level, HEADINGS.length) - 1] ?? "h6", {}, [item.text]);
    case "paragraph":
      return make("p", {}, [item.text]);
    case "caption":
      return make("p", { class: "caption" }, [item.text]);
    case "list": {
      const items = item.list.items.map((text) => make("li", {}, [text]));
      const { ordered, start } = item.list;
      return ordered ? make("ol", { start }, items) : make("ul", {}, items);
    }
    case "table":
      return showTable(item.table);
    case "formula":
      return make("p", { class: "formula" }, [make("code", {}, [item.latex])]);
    case "verbatim":
      return make("pre", {}, [item.lines.join("\n")]);
    default:
      return item satisfies never;
  }
}

/** In a frame of its own, which scrolls where the table is wider than the page. */
function showTable(table: Table): HTMLElement {
  const rows = Array.from({ length: table.rows }, (_, row) =>
    make("tr", {}, table.cells.filter((cell) => cell.row === row).map(showCell)),
  );
  const frame = { class: "table", tabindex: 0, role: "group", "aria-label": "Table" };
  return make("div", frame, [make("table", {}, [make("tbody", {}, rows)])]);
}

function showCell({ text, header, rowSpan, columnSpan }: TableCell): HTMLElement {
  return make(
    header ? "th" : "td",
    {
      rowspan: rowSpan > 1 && rowSpan,
      colspan: columnSpan > 1 && columnSpan,
      class: /^[\s\d.,:%€$£+−-]+$/.test(text) && "figure",
    },
    [text],
  );
}
