/**
 * Follows the drawing operators of a page without drawing it: each character with its place, whether it is seen, and
 * where ink is that no character explains.
 */
import type { Point } from "../../../src/types.ts";
import { OPS } from "../pdf-js.ts";
import type { PageViewport } from "../pdf-js.ts";
import { multiply } from "../matrix.ts";
import type { Matrix } from "../matrix.ts";
import { middleOf } from "./glyph.ts";
import type { Glyph, Seen } from "./glyph.ts";
import { boxAround, isThere, meet, middle } from "./box.ts";
import type { Box } from "./box.ts";
import { UNKNOWN, WHITE, alike, colourOf } from "./colour.ts";
import { Paper } from "./paper.ts";
import { FILLS, STROKES, isRectangle, looksDrawn } from "./paths.ts";
import { isMask, pictureBoxes } from "./pictures.ts";
import { TextPen } from "./text-pen.ts";
import type { FontInfo, PdfGlyph, TextState } from "./text-pen.ts";

/** Ink that is not text of the document. */
export interface Drawing {
  readonly box: Box;
  readonly kind: "picture" | "shape";
}

export interface Walk {
  /** In drawing order. */
  readonly glyphs: readonly Glyph[];
  readonly drawings: readonly Drawing[];
  /** Marks named Span that have no number. */
  readonly spans: number;
  /** Part of the page that lies under pictures, 0–1. */
  readonly pictureShare: number;
}

export interface WalkedPage {
  readonly operators: readonly number[];
  readonly operands: readonly unknown[];
  readonly viewport: Pick<PageViewport, "width" | "height" | "transform">;
  readonly fontOf: (name: string) => FontInfo | undefined;
  /** Whether an optional content group is shown. */
  readonly isShown: (group: unknown) => boolean;
}

interface State extends TextState {
  readonly matrix: Matrix;
  readonly clip: Box;
  /** 0xRRGGBB, or UNKNOWN. */
  readonly fill: number;
  readonly stroke: number;
  readonly alpha: number;
  /** Whether what is painted hides what lies below: no blend mode, no mask. */
  readonly plain: boolean;
}

/** Text rendering modes: those that draw nothing (invisible, and clipping only), and stroked. */
const INVISIBLE: ReadonlySet<number> = new Set([3, 7]);
const STROKED = 1;
const LEAST_ALPHA = 0.05;
const OPAQUE = 0.95;

/** What an operator lacks is taken for its default, as pdf.js does. */
export function walkPage(page: WalkedPage): Walk {
  return new Walker(page).run();
}

class Walker {
  readonly #page: WalkedPage;
  readonly #paper: Paper;
  readonly #start: State;
  readonly #glyphs: Glyph[] = [];
  readonly #drawings: Drawing[] = [];
  readonly #saved: State[] = [];
  readonly #groups: { readonly isOn: boolean; readonly span?: number }[] = [];
  readonly #pen = new TextPen();
  #state: State;
  #clipping = false;
  #time = 0;
  #texts = 0;
  #spans = 0;

  constructor(page: WalkedPage) {
    const { width, height, transform } = page.viewport;
    this.#page = page;
    this.#paper = new Paper(width, height);
    this.#start = this.#state = {
      matrix: multiply(transform, []),
      clip: [0, 0, width, height],
      fill: 0,
      stroke: 0,
      alpha: 1,
      plain: true,
      ...TextPen.START,
    };
  }

  run(): Walk {
    const { operators, operands } = this.#page;
    for (const [i, operator] of operators.entries()) {
      this.#step(operator, (operands[i] ?? []) as unknown[]);
    }
    for (const glyph of this.#glyphs) this.#cover(glyph);
    return {
      glyphs: this.#glyphs,
      drawings: this.#drawings,
      spans: this.#spans,
      pictureShare: this.#paper.pictureShare,
    };
  }

  #step(operator: number, args: readonly unknown[]): void {
    this.#time++;
    switch (operator) {
      case OPS.save:
      case OPS.beginGroup:
        this.#saved.push(this.#state);
        break;
      case OPS.restore:
      case OPS.endGroup:
      case OPS.paintFormXObjectEnd:
      case OPS.endAnnotation:
        this.#state = this.#saved.pop() ?? this.#start;
        break;
      case OPS.paintFormXObjectBegin:
        this.#saved.push(this.#state);
        this.#move(args[0]);
        if (args[1]) this.#clip(Array.from(args[1] as ArrayLike<number>) as unknown as Box);
        break;
      case OPS.beginAnnotation:
        this.#beginAnnotation(args);
        break;
      case OPS.transform:
        this.#move(args);
        break;
      case OPS.setGState:
        for (const [key, value] of (args[0] ?? []) as [string, unknown][]) this.#set(key, value);
        break;
      case OPS.setFillRGBColor:
        this.#state = { ...this.#state, fill: colourOf(args[0]) };
        break;
      case OPS.setStrokeRGBColor:
        this.#state = { ...this.#state, stroke: colourOf(args[0]) };
        break;
      case OPS.setFillColorN:
      case OPS.setFillTransparent:
        this.#state = { ...this.#state, fill: UNKNOWN };
        break;
      case OPS.setStrokeColorN:
      case OPS.setStrokeTransparent:
        this.#state = { ...this.#state, stroke: UNKNOWN };
        break;
      case OPS.beginMarkedContent:
        this.#groups.push({ isOn: true });
        break;
      case OPS.beginMarkedContentProps:
        this.#beginMark(args);
        break;
      case OPS.endMarkedContent:
        this.#groups.pop();
        break;
      case OPS.clip:
      case OPS.eoClip:
        this.#clipping = true;
        break;
      case OPS.constructPath:
        this.#path(args);
        break;
      case OPS.shadingFill:
        if (this.#isOn) this.#paper.paint(this.#state.clip, UNKNOWN, this.#time, "shape", false);
        break;
      case OPS.showText:
        this.#show((args[0] ?? []) as (PdfGlyph | number)[], this.#texts++);
        break;
      default:
        this.#state = this.#pen.step(operator, args, this.#state);
        this.#pictures(operator, args);
    }
  }

  get #isOn(): boolean {
    return this.#groups.every(({ isOn }) => isOn);
  }

  /** [name, number of the mark, or the optional content group] */
  #beginMark([name, properties]: readonly unknown[]): void {
    const isOn = name !== "OC" || this.#page.isShown(properties);
    const isSpan = name === "Span" && (properties ?? undefined) === undefined;
    this.#groups.push(isSpan ? { isOn, span: this.#spans++ } : { isOn });
  }

  #move(matrix: unknown): void {
    if (!matrix) return;
    const moved = multiply(this.#state.matrix, Array.from(matrix as ArrayLike<number>));
    this.#state = { ...this.#state, matrix: moved };
  }

  #clip(box: Box): void {
    const clip = meet(this.#state.clip, boxAround(this.#state.matrix, box));
    this.#state = { ...this.#state, clip };
  }

  /** An annotation starts with a fresh state, and is cut to its rectangle. */
  #beginAnnotation([, rect, transform, matrix]: readonly unknown[]): void {
    this.#saved.push(this.#state);
    this.#state = this.#start;
    if (rect) this.#clip(Array.from(rect as ArrayLike<number>) as unknown as Box);
    this.#move(transform);
    this.#move(matrix);
  }

  #set(key: string, value: unknown): void {
    const state = this.#state;
    if (key === "ca") this.#state = { ...state, alpha: Number(value) };
    else if (key === "SMask") this.#state = { ...state, plain: !value };
    else if (key === "BM") this.#state = { ...state, plain: value === "source-over" };
    else if (key === "Font") {
      this.#state = this.#pen.step(OPS.setFont, value as unknown[], state);
    }
  }

  /** [what is done with the path, [its points], box around it] */
  #path([paint, data, around]: readonly unknown[]): void {
    const points = (data as (ArrayLike<number> | null)[] | undefined)?.[0];
    const bounds = around ? (Array.from(around as ArrayLike<number>) as unknown as Box) : undefined;
    const { matrix, fill, stroke, alpha, plain, clip } = this.#state;
    if (points && bounds) {
      const box = meet(boxAround(matrix, bounds), clip);
      const fills = FILLS.has(paint as number);
      const strokes = STROKES.has(paint as number);
      if (this.#isOn && (fills || strokes) && alpha >= LEAST_ALPHA && isThere(box)) {
        const rectangle = isRectangle(points, matrix);
        if (fills) {
          const opaque = rectangle && alpha >= OPAQUE && plain && fill !== UNKNOWN;
          this.#paper.paint(box, fill, this.#time, "shape", opaque);
        }
        const ink = fills ? fill : stroke;
        const isSeen = !alike(ink, WHITE) || this.#paper.colourAt(middle(box)) !== WHITE;
        if (!rectangle && isSeen && looksDrawn(points, box)) {
          this.#drawings.push({ box, kind: "shape" });
        }
      }
    }
    if (this.#clipping && bounds) this.#clip(bounds);
    this.#clipping = false;
  }

  #pictures(operator: number, args: readonly unknown[]): void {
    const { matrix, clip, alpha, plain } = this.#state;
    if (!this.#isOn || alpha < LEAST_ALPHA) return;
    for (const whole of pictureBoxes(operator, args, matrix)) {
      const box = meet(whole, clip);
      if (!isThere(box)) continue;
      const opaque = isMask(operator) || (alpha >= OPAQUE && plain);
      this.#paper.paint(box, UNKNOWN, this.#time, "picture", opaque);
      this.#drawings.push({ box, kind: "picture" });
    }
  }

  #show(given: readonly (PdfGlyph | number)[], shown: number): void {
    const font = this.#page.fontOf(this.#state.font);
    const start = this.#glyphs.length;
    const span = this.#groups.findLast((group) => group.span !== undefined)?.span;
    const mark = span === undefined ? {} : { span };
    this.#pen.show(given, this.#state, font, (glyph) => {
      this.#glyphs.push({ ...glyph, shown, ...mark, time: this.#time, seen: "yes" });
    });
    for (let i = start; i < this.#glyphs.length; i++) {
      const glyph = this.#glyphs[i] as Glyph;
      glyph.seen = this.#seen(glyph);
    }
  }

  #seen(glyph: Glyph): Seen {
    const { clip, alpha, mode, fill, stroke } = this.#state;
    const [x, y] = middleOf(glyph);
    if (!this.#isOn) return "no";
    if (!(x >= clip[0] && x <= clip[2] && y >= clip[1] && y <= clip[3])) return "no";
    if (INVISIBLE.has(mode)) return "hidden";
    if (alpha < LEAST_ALPHA) return "no";
    const ink = mode % 4 === STROKED ? stroke : fill;
    const paper = this.#paper.colourAt([x, y]);
    // White over a picture: on a photograph it is read, on a scan it is the text of the scan.
    if (paper === UNKNOWN) return alike(ink, WHITE) ? "hidden" : "yes";
    return alike(ink, paper) ? "no" : "yes";
  }

  #cover(glyph: Glyph): void {
    if (glyph.seen !== "yes") return;
    const { along, length } = glyph;
    const [mx, my] = middleOf(glyph);
    const places = [-0.3, 0, 0.3].map((part): Point => [
      mx + along[0] * length * part,
      my + along[1] * length * part,
    ]);
    const cover = this.#paper.coverSince(places, glyph.time);
    if (cover === "shape") glyph.seen = "no";
    else if (cover === "picture") glyph.seen = "hidden";
  }
}
