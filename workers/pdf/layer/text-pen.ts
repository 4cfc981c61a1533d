/** The text state of a PDF, and where it puts each glyph. (PDF 32000-1:2008, 9.3 and 9.4) */
import type { Point } from "../../../src/types.ts";
import { OPS } from "../pdf-js.ts";
import { multiply } from "../matrix.ts";
import type { Matrix } from "../matrix.ts";
import type { Glyph } from "./glyph.ts";

/** What is needed of a font of pdf.js. */
export interface FontInfo {
  readonly fontMatrix?: readonly number[] | null;
  readonly vertical?: boolean;
  /** Of the size; absent or 0 where the font does not tell. */
  readonly ascent?: number | null;
  readonly descent?: number | null;
}

/** A glyph as pdf.js's operator lists hold it. */
export interface PdfGlyph {
  readonly unicode: string;
  /** Thousandths of the size, by the font's matrix. */
  readonly width: number;
  readonly vmetric?: readonly number[] | null;
  readonly isSpace: boolean;
}

/** The part of the graphics state that belongs to text and is saved with it. */
export interface TextState {
  readonly font: string;
  readonly size: number;
  readonly letterSpace: number;
  readonly wordSpace: number;
  readonly stretch: number;
  readonly leading: number;
  readonly rise: number;
  readonly mode: number;
}

export interface PenState extends TextState {
  readonly matrix: Matrix;
}

/** Where a font does not say how far it reaches above and below its baseline; of its size. */
const ASCENT = 0.8;
const DESCENT = -0.2;
const THOUSANDTH = 0.001;
const IDENTITY: Matrix = [1, 0, 0, 1, 0, 0];

export class TextPen {
  static readonly START: TextState = {
    font: "",
    size: 0,
    letterSpace: 0,
    wordSpace: 0,
    stretch: 1,
    leading: 0,
    rise: 0,
    mode: 0,
  };

  #matrix: Matrix = IDENTITY;
  #x = 0;
  #y = 0;
  #lineX = 0;
  #lineY = 0;

  /** Takes note of what concerns text. */
  step<S extends TextState>(operator: number, args: readonly unknown[], state: S): S {
    const [first, second] = args as [number, number];
    switch (operator) {
      case OPS.beginText:
        this.#start(IDENTITY);
        break;
      case OPS.setTextMatrix: {
        const values = Array.from((args.length === 1 ? args[0] : args) as ArrayLike<number>);
        this.#start(multiply(IDENTITY, values));
        break;
      }
      case OPS.setFont:
        return { ...state, font: String(args[0]), size: second };
      case OPS.setCharSpacing:
        return { ...state, letterSpace: first };
      case OPS.setWordSpacing:
        return { ...state, wordSpace: first };
      case OPS.setHScale:
        return { ...state, stretch: first / 100 };
      case OPS.setLeading:
        return { ...state, leading: first };
      case OPS.setTextRise:
        return { ...state, rise: first };
      case OPS.setTextRenderingMode:
        return { ...state, mode: first };
      case OPS.moveText:
        this.#move(first, second);
        break;
      case OPS.setLeadingMoveText:
        this.#move(first, second);
        return { ...state, leading: -second };
      case OPS.nextLine:
        this.#move(0, -state.leading);
        break;
    }
    return state;
  }

  /** Calls back with each glyph that stands for a character, and moves on. */
  show(
    glyphs: readonly (PdfGlyph | number)[],
    state: PenState,
    font: FontInfo | undefined,
    onGlyph: (glyph: Omit<Glyph, "shown" | "span" | "time" | "seen">) => void,
  ): void {
    const { size, stretch, letterSpace, wordSpace } = state;
    const vertical = font?.vertical ?? false;
    const unit = (font?.fontMatrix?.[0] || THOUSANDTH) * size;
    const frame = this.#frame(state, vertical);
    const { fontSize } = frame;
    for (const glyph of glyphs) {
      if (typeof glyph === "number") {
        const back = (glyph * size) / 1000;
        if (vertical) this.#y -= back;
        else this.#x -= back * stretch;
        continue;
      }
      const space = letterSpace + (glyph.isSpace ? wordSpace : 0);
      const advance = vertical
        ? -(glyph.vmetric?.[0] ?? -1000) * unit
        : glyph.width * unit * stretch;
      const spacing = vertical ? space : space * stretch;
      if (glyph.unicode !== "" && fontSize > 0) {
        onGlyph({
          text: glyph.unicode,
          origin: this.#place(state),
          along: frame.along,
          up: frame.up,
          length: Math.abs(advance) * frame.scale,
          spacing: letterSpace * (vertical ? 1 : stretch) * frame.scale,
          size: fontSize,
          ascent: font?.ascent || ASCENT,
          descent: font?.descent || DESCENT,
          vertical,
          font: state.font,
        });
      }
      if (vertical) this.#y -= advance + spacing;
      else this.#x += advance + spacing;
    }
  }

  #start(matrix: Matrix): void {
    this.#matrix = matrix;
    this.#x = this.#y = this.#lineX = this.#lineY = 0;
  }

  #move(x: number, y: number): void {
    this.#x = this.#lineX += x;
    this.#y = this.#lineY += y;
  }

  #place({ matrix, rise }: PenState): Point {
    const [a, b, c, d, e, f] = multiply(matrix, this.#matrix);
    const y = this.#y + rise;
    return [a * this.#x + c * y + e, b * this.#x + d * y + f];
  }

  /** Directions of the text on the page, and what one unit of text space measures along it. */
  #frame(
    { matrix, size, stretch }: PenState,
    vertical: boolean,
  ): {
    along: Point;
    up: Point;
    scale: number;
    fontSize: number;
  } {
    const [a, b, c, d] = multiply(matrix, this.#matrix);
    const sign = (size < 0 ? -1 : 1) * (!vertical && stretch < 0 ? -1 : 1);
    const [across, upward] = [Math.hypot(a, b) || 1, Math.hypot(c, d) || 1];
    const up: Point = [(Math.sign(size || 1) * c) / upward, (Math.sign(size || 1) * d) / upward];
    const right: Point = [(sign * a) / across, (sign * b) / across];
    return {
      // Vertical text runs down from its origin.
      along: vertical ? [-up[0], -up[1]] : right,
      up: vertical ? right : up,
      scale: vertical ? upward : across,
      fontSize: Math.abs(size) * upward,
    };
  }
}
