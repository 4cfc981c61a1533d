/** Text that can be selected, laid exactly over the picture of its page. */
import type { Line, Page, Point, Quad } from "../types.ts";
import { make } from "./dom.ts";

/** Below these a word is worth a second look, or most likely wrong. */
export const DOUBTFUL = 0.9;
export const POOR = 0.75;

/** Part of a line's height that its letters are drawn with. */
const FONT_PART = 0.8;
const FONT = "sans-serif";

/** How wide a text is in the layer's font of that size, in the same unit as the size. */
export type Measure = (text: string, size: number) => number;

/** Where one piece of text goes. Lengths are pixels of the page. */
export interface Placed {
  /** With the space that follows it in its line, which counts for nothing but copying. */
  readonly text: string;
  readonly left: number;
  readonly top: number;
  readonly height: number;
  readonly size: number;
  /** Clockwise, in radians. */
  readonly angle: number;
  /** Makes the text as wide as it is on the page. */
  readonly stretch: number;
  readonly confidence: number;
}

/** The words of a line, or the line where it has none. */
export function placeLine(line: Line, measure: Measure): Placed[] {
  const words = line.words?.length ? line.words : [line];
  let cursor = 0;
  return words
    .filter(({ text }) => text.trim() !== "")
    .map(({ text: word, polygon, confidence }) => {
      cursor = Math.max(cursor, line.text.indexOf(word, cursor)) + word.length;
      const text = line.text[cursor] === " " ? `${word} ` : word;
      const [a, b, , d] = polygon;
      const height = Math.max(1, distance(a, d));
      const size = height * FONT_PART;
      const width = measure(word, size);
      const stretch = width > 0 ? distance(a, b) / width : 1;
      const angle = Math.atan2(b[1] - a[1], b[0] - a[0]);
      return { text, left: a[0], top: a[1], height, size, angle, stretch, confidence };
    });
}

let canvas: CanvasRenderingContext2D | null | undefined;

/** Measures with a canvas: nothing is laid out. */
export const measureText: Measure = (text, size) => {
  canvas ??= document.createElement("canvas").getContext("2d");
  if (!canvas) return 0;
  // Of a fixed size: some browsers round the widths of small letters.
  canvas.font = `100px ${FONT}`;
  return (canvas.measureText(text).width * size) / 100;
};

/** The layer of a page, as large as the page in CSS pixels; its user scales it. */
export function makeTextLayer(page: Pick<Page, "width" | "height" | "lines">): HTMLElement {
  const layer = make("div", { class: "text", part: "text" });
  layer.style.width = `${page.width}px`;
  layer.style.height = `${page.height}px`;
  for (const line of page.lines) {
    const row = make("span", { class: "line" });
    row.append(...placeLine(line, measureText).map(makeWord));
    layer.append(row, make("br"));
  }
  return layer;
}

function makeWord(placed: Placed): HTMLElement {
  const { text, left, top, height, size, angle, stretch, confidence } = placed;
  const grade = confidence < POOR ? "poor" : confidence < DOUBTFUL ? "doubtful" : "sure";
  const span = make("span", { class: `word ${grade}` }, [text]);
  const { style } = span;
  style.left = `${left}px`;
  style.top = `${top}px`;
  style.height = `${height}px`;
  style.font = `${size}px/${height}px ${FONT}`;
  style.transform = `rotate(${angle}rad) scaleX(${stretch})`;
  if (grade !== "sure") span.title = `${Math.round(confidence * 100)} % sure`;
  return span;
}

/** The CSS transform and size that lay a box over a quad. */
export function overlay(quad: Quad, box: HTMLElement): HTMLElement {
  const [a, b, , d] = quad;
  box.style.left = `${a[0]}px`;
  box.style.top = `${a[1]}px`;
  box.style.width = `${distance(a, b)}px`;
  box.style.height = `${distance(a, d)}px`;
  box.style.transform = `rotate(${Math.atan2(b[1] - a[1], b[0] - a[0])}rad)`;
  return box;
}

function distance([x, y]: Point, [u, v]: Point): number {
  return Math.hypot(u - x, v - y);
}
