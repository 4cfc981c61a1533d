/** Building stones of the templates. `data-block` names the type of a block; the order of the DOM is the order of reading. */
import type { Seeded } from "./seeded.ts";

export interface Template {
  readonly kind: string;
  readonly html: (r: Seeded) => string;
}

export const block = (
  type: string,
  inner: string,
  style: string = "",
  tag: string = "div",
): string => `<${tag} data-block="${type}" style="${style}">${inner}</${tag}>`;

export const para = (r: Seeded, from: number = 3, to: number = 6, style: string = ""): string =>
  block("text", r.sentences(r.int(from, to)), style, "p");

export const heading = (text: string, style: string = ""): string =>
  block("heading", text, style, "h2");

export const title = (text: string, style: string = ""): string =>
  block("title", text, style, "h1");

export const bullets = (r: Seeded, count: number, tag: "ul" | "ol" = "ul"): string =>
  block("list", r.list(count, () => `<li>${r.title(4, 14)}</li>`).join(""), "", tag);

/** @param rows of cells; the first row is the head */
export const table = (
  rows: readonly (readonly string[])[],
  style: string = "",
  cell: string = "",
): string => {
  const [head = [], ...body] = rows;
  const tr = (cells: readonly string[], tag: string): string =>
    `<tr>${cells.map((text, i) => `<${tag} style="${cell};text-align:${i === 0 ? "left" : "right"}">${text}</${tag}>`).join("")}</tr>`;
  return `<table data-block="table" style="border-collapse:collapse;${style}"><thead>${tr(head, "th")}</thead><tbody>${body.map((row) => tr(row, "td")).join("")}</tbody></table>`;
};

export const numbers = (r: Seeded, rows: number, columns: number): string[][] => [
  ["Station", ...r.list(columns - 1, (i) => `${r.title(1, 1)} ${i + 1}`)],
  ...r.list(rows, () => [r.title(1, 2), ...r.list(columns - 1, () => r.amount())]),
];

export const figure = (r: Seeded, height: number): string => {
  const bars = r
    .list(8, (i) => {
      const h = r.int(20, height - 20);
      return `<rect x="${10 + i * 24}" y="${height - h}" width="18" height="${h}" fill="hsl(${r.int(0, 360)} 60% 45%)"/>`;
    })
    .join("");
  return `<svg data-block="figure" viewBox="0 0 210 ${height}" style="width:100%;max-height:${height}px;background:#dde6ee;display:block">${bars}</svg>`;
};

/** A whole page. Pixels of CSS: A4 at 96 dpi. */
export const sheet = (body: string, style: string = ""): string =>
  `<!doctype html><meta charset="utf-8"><style>
  *{box-sizing:border-box}body{margin:0;width:794px;height:1123px;overflow:hidden;font:14px/1.4 "Liberation Serif",serif;${style}}
  p{margin:0 0 10px}h1{font-size:28px;margin:0 0 14px;line-height:1.2}h2{font-size:18px;margin:16px 0 8px}ul,ol{margin:0 0 10px;padding-left:26px}
  td,th{padding:3px 8px}</style><body>${body}`;

export const columns = (count: number, inner: string, style: string = ""): string =>
  `<div style="column-count:${count};column-gap:24px;column-fill:auto;${style}">${inner}</div>`;
