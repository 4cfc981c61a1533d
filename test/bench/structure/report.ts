/** Results as tables of plain text. */

/** A rate with three digits; a dash where there was nothing to measure. */
export function rate(value: number | undefined): string {
  return value === undefined ? "–" : value.toFixed(3);
}

/** Columns as wide as their widest cell: the first stands left, the others right. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const all = [header, ...rows];
  const widths = header.map((_, c) => Math.max(...all.map((row) => row[c]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((text, c) => (c === 0 ? text.padEnd(widths[c]!) : text.padStart(widths[c]!)))
      .join("  ")
      .trimEnd();
  return all.map(line).join("\n");
}
