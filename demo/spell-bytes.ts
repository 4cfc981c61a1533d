/** "0 B", "16.0 MiB", "1.25 GiB": three figures, as they are compared with one another. */
export function spellBytes(bytes: number): string {
  if (bytes < 2 ** 10) return `${Math.round(bytes)} B`;
  const units = ["KiB", "MiB", "GiB"];
  const place = Math.min(units.length, Math.floor(Math.log2(bytes) / 10));
  const figure = bytes / 2 ** (10 * place);
  return `${figure.toFixed(figure < 10 ? 2 : figure < 100 ? 1 : 0)} ${units[place - 1]}`;
}
