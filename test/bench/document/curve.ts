/** Draws memory and time over the pages as SVG. */

export type Point = readonly [page: number, value: number];

const WIDTH = 760;
const HEIGHT = 260;
const LEFT = 60;
const TOP = 30;
const GAP = 60;

export function drawCurve(memory: readonly Point[], times: readonly Point[]): string {
  const height = 2 * HEIGHT + GAP + TOP + 40;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH + LEFT + 30} ${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    panel("Private memory, MB", memory, TOP, "#0a6ebd"),
    panel("Time since the start, s", times, TOP + HEIGHT + GAP, "#b3541e"),
    `</svg>`,
    "",
  ].join("\n");
}

function panel(title: string, points: readonly Point[], top: number, colour: string): string {
  const lastPage = points.at(-1)?.[0] ?? 1;
  const most = niceAbove(Math.max(...points.map(([, value]) => value)));
  const x = (page: number): string => (LEFT + (page / lastPage) * WIDTH).toFixed(1);
  const y = (value: number): string => (top + HEIGHT - (value / most) * HEIGHT).toFixed(1);
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  return [
    `<text x="${LEFT}" y="${top - 10}" font-weight="bold">${title}</text>`,
    ...ticks.map(
      (part) =>
        `<path d="M${LEFT} ${y(part * most)}h${WIDTH}" stroke="#ddd"/>` +
        `<text x="${LEFT - 8}" y="${y(part * most)}" dy="4" text-anchor="end">${Math.round(part * most)}</text>`,
    ),
    ...ticks.map(
      (part) =>
        `<text x="${x(part * lastPage)}" y="${top + HEIGHT + 18}" text-anchor="middle">${Math.round(part * lastPage)}</text>`,
    ),
    `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points.map(([page, value]) => `${x(page)},${y(value)}`).join(" ")}"/>`,
    `<text x="${LEFT + WIDTH}" y="${top + HEIGHT + 34}" text-anchor="end">pages</text>`,
  ].join("\n");
}

/** 1, 2 or 5 times a power of ten. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}
