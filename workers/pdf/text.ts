/** The text layer of one page, in coordinates of the page as a reader sees it. */
import type { Point, Quad } from "../../src/types.ts";
import type { TextLayer, TextRun } from "./worker-api.ts";
import type { PDFPageProxy, PageViewport } from "./pdf-js.ts";
import { multiply } from "./matrix.ts";
import { surveyPage } from "./survey.ts";

/** Where a font does not say how far it reaches above and below its baseline; of the font's size. */
const ASCENT = 0.8;
const DESCENT = -0.2;

interface Item {
  readonly str: string;
  readonly dir: string;
  readonly transform: readonly number[];
  /** Units of the page, along the text. */
  readonly width: number;
  readonly height: number;
  readonly fontName: string;
  readonly hasEOL: boolean;
}

interface Style {
  readonly ascent: number | null;
  readonly descent: number | null;
  readonly vertical?: boolean;
}

/** @param signal looked at between the two passes over the page */
export async function readTextLayer(page: PDFPageProxy, signal: AbortSignal): Promise<TextLayer> {
  const viewport = page.getViewport({ scale: 1 });
  const { items, styles } = await page.getTextContent();
  signal.throwIfAborted();
  const survey = await surveyPage(page, viewport);
  const runs: TextRun[] = [];
  for (const item of items as Item[]) {
    const last = runs.at(-1);
    // An item without text stands for the end of the line before it.
    if (item.str === "" && item.hasEOL && last) runs[runs.length - 1] = { ...last, hasEOL: true };
    if (item.str === "") continue;
    const run = place(item, styles[item.fontName], viewport);
    // A damaged matrix puts text nowhere.
    if (run.polygon.flat().every(Number.isFinite)) runs.push(run);
  }
  return {
    runs,
    page: { width: viewport.width, height: viewport.height, rotation: viewport.rotation },
    ...survey,
  };
}

function place(item: Item, style: Style | undefined, viewport: PageViewport): TextRun {
  const [a, b, c, d, e, f] = multiply(viewport.transform, item.transform);
  const fontSize = Math.hypot(c, d);
  const vertical = style?.vertical ?? false;
  const ascent = (style?.ascent || ASCENT) * fontSize;
  const descent = (style?.descent || DESCENT) * fontSize;
  const length = (vertical ? item.height : item.width) * viewport.userUnit;
  const size = Math.hypot(a, b) || 1;
  // Unit vectors along the text and towards its top; y grows downwards here.
  const along: Point = [a / size, b / size];
  const up: Point = fontSize ? [c / fontSize, d / fontSize] : [along[1], -along[0]];
  const at = (x: number, y: number): Point => [
    e + along[0] * x + up[0] * y,
    f + along[1] * x + up[1] * y,
  ];
  // Vertical text runs down from its origin, which is the middle of its upper edge.
  const polygon: Quad = vertical
    ? [
        at(-fontSize / 2, 0),
        at(fontSize / 2, 0),
        at(fontSize / 2, -length),
        at(-fontSize / 2, -length),
      ]
    : [at(0, ascent), at(length, ascent), at(length, descent), at(0, descent)];
  const dir = vertical ? "ttb" : item.dir === "rtl" ? "rtl" : "ltr";
  return { text: item.str, polygon, fontSize, hasEOL: item.hasEOL, dir };
}
