/** Draws parts of a PDF's pages and has them read. */
import type { ResolvedPagesOptions } from "../../options/pages.ts";
import type { OpenInput } from "../../pool/call.ts";
import type { Line, Page, PageWarning, Quad, Rect } from "../../types.ts";
import type { PagePicture, ReadPart } from "../document-source.ts";
import type { PdfDocument } from "./document.ts";
import { boundsOf } from "../../core/quad.ts";
import { blank, movedLines } from "./known-lines.ts";
import type { PageBox } from "./worker-types.ts";

/** Points per inch. */
const POINTS = 72;
/** Pages so many times as high as wide are drawn in bands: one picture of them would be too coarse to be read. */
const TALL = 3;
/** What two bands share, in inches: no line is higher. */
const SHARED = 1;
/** Longest side of a canvas. Pixels. */
const MAX_SIDE = 16_384;
/** Smaller pictures are enlarged by detectors until lines fall apart. Pixels along each side. */
const LEAST_SIDE = 320;
/** Around what is read, in inches: letters at the edge of a picture need some paper. */
const MARGIN = 0.08;

type Timings = Omit<Page["timings"], "total">;

/** Lines in pixels of the whole page at the `dpi` that was asked for. */
export interface PartReading {
  readonly lines: readonly Line[];
  readonly timings: Timings;
  readonly warnings: readonly PageWarning[];
}

export class PartReader {
  readonly #pdf: PdfDocument;
  readonly #options: Pick<ResolvedPagesOptions, "dpi" | "maxPixels">;

  constructor(pdf: PdfDocument, options: Pick<ResolvedPagesOptions, "dpi" | "maxPixels">) {
    this.#pdf = pdf;
    this.#options = options;
  }

  /** Whether a page of this size, in points, has to be read in bands. */
  isTall(width: number, height: number): boolean {
    const { dpi, maxPixels } = this.#options;
    const [w, h] = [(width * dpi) / POINTS, (height * dpi) / POINTS];
    return height > TALL * width && (w * h > maxPixels || h > MAX_SIDE);
  }

  /**
   * Reads a part of a page.
   *
   * @param box in points; grown by a margin
   * @param known lines that are not to be read again, in pixels of the page
   * @param withoutText whether the page is drawn without the text of its layer
   */
  async read(
    number: number,
    page: { readonly width: number; readonly height: number },
    box: PageBox,
    { known = [], withoutText = false }: { known?: readonly Line[]; withoutText?: boolean },
    read: ReadPart,
    signal: AbortSignal,
  ): Promise<PartReading> {
    const lines: Line[] = [];
    const warnings: PageWarning[] = [];
    let timings: Timings = { decode: 0, detect: 0, orient: 0, recognize: 0, inference: 0 };
    const bands = this.#bands(this.#grown(box, page));
    for (const [i, band] of bands.entries()) {
      const { dpi, maxPixels } = this.#options;
      const drawn = await this.#pdf.render(number, {
        dpi,
        maxPixels,
        part: band,
        withoutText,
        signal,
      });
      // A very large part is drawn at less than the dpi that its lines are in.
      const scale = drawn.dpi / dpi;
      const [left, top] = [(band[0] * dpi) / POINTS, (band[1] * dpi) / POINTS];
      const inPart = ([x, y]: readonly [number, number]): readonly [number, number] => [
        (x - left) * scale,
        (y - top) * scale,
      ];
      for (const { polygon } of known) blank(drawn.image, polygon.map(inPart) as unknown as Quad);
      const found = await read(pictureOf(drawn.image), signal);
      const own = movedLines(found, 1 / scale, left, top);
      // Of what two bands share each has one half: a line there is whole in both.
      const from =
        i === 0 ? -Infinity : ((band[1] + (bands[i - 1] as PageBox)[3]) / 2) * (dpi / POINTS);
      const to =
        i === bands.length - 1
          ? Infinity
          : ((band[3] + (bands[i + 1] as PageBox)[1]) / 2) * (dpi / POINTS);
      lines.push(
        ...own.filter(({ polygon }) => {
          const { y, height } = boundsOf(polygon);
          const middle = y + height / 2;
          return middle >= from && middle < to;
        }),
      );
      timings = added(timings, found.timings);
      for (const warning of found.warnings ?? []) {
        if (!warnings.some(({ code }) => code === warning.code)) warnings.push(warning);
      }
    }
    return { lines, timings, warnings };
  }

  #grown(
    box: PageBox,
    { width, height }: { readonly width: number; readonly height: number },
  ): PageBox {
    const least = (LEAST_SIDE * POINTS) / this.#options.dpi;
    const grow = (from: number, to: number, size: number): [number, number] => {
      const more = Math.max(MARGIN * POINTS, (least - (to - from)) / 2);
      return [Math.max(0, from - more), Math.min(size, to + more)];
    };
    const [left, right] = grow(box[0], box[2], width);
    const [top, bottom] = grow(box[1], box[3], height);
    return [left, top, right, bottom];
  }

  #bands(box: PageBox): PageBox[] {
    const [left, top, right, bottom] = box;
    if (!this.isTall(right - left, bottom - top)) return [box];
    const { dpi, maxPixels } = this.#options;
    const width = ((right - left) * dpi) / POINTS;
    const most = (Math.min(MAX_SIDE, maxPixels / width) * POINTS) / dpi;
    const shared = Math.min(SHARED * POINTS, most / 4);
    const count = Math.ceil((bottom - top - shared) / (most - shared));
    const step = (bottom - top - shared) / count;
    return Array.from({ length: count }, (_, i): PageBox => [
      left,
      top + i * step,
      right,
      top + (i + 1) * step + shared,
    ]);
  }
}

export function added<T extends Timings>(timings: T, more: Timings): T {
  const { decode, detect, orient, recognize, inference } = more;
  return {
    ...timings,
    decode: timings.decode + decode,
    detect: timings.detect + detect,
    orient: timings.orient + orient,
    recognize: timings.recognize + recognize,
    inference: timings.inference + inference,
  };
}

/** Copied each time: a worker that gets the pixels may die. */
function pictureOf(
  image: { readonly data: Uint8Array | Uint8ClampedArray } & Pick<Rect, "width" | "height">,
): PagePicture {
  const { data, width, height } = image;
  return {
    bytes: data.byteLength,
    repeatable: true,
    open: async (): Promise<OpenInput> => {
      const copy = data.slice();
      return {
        input: { kind: "pixels", image: { data: copy, width, height } },
        transfer: [copy.buffer],
      };
    },
  };
}
