/** The text of one page that is really there, and where ink is that it does not explain. */
import { GlyphpoolError } from "../../../src/errors.ts";
import type { CanvasMaker } from "../canvas.ts";
import type { PDFPageProxy } from "../pdf-js.ts";
import { renderPage } from "../render.ts";
import type { TextLayer, TextLayerOptions } from "../worker-api.ts";
import { joinAccents } from "./accents.ts";
import { withoutDoubles } from "./doubles.ts";
import type { ActualTexts } from "./actual-text.ts";
import { placeOf } from "./glyph.ts";
import type { Glyph } from "./glyph.ts";
import { LOOK_DPI, lookAt } from "./look.ts";
import type { Look } from "./look.ts";
import type { Box } from "./box.ts";
import { runsOf } from "./runs.ts";
import { isGarbagePage, unreadableFonts } from "./trust.ts";
import { walkPage } from "./walk.ts";
import type { Drawing } from "./walk.ts";

/** Pictures over more of the page than this are a scan, and read whatever is said of pictures. 0–1. */
const SCAN = 0.6;
/** The look at a page has no more pixels: a page of two metres at 90 dpi. */
const MAX_LOOK = 16_000_000;

/** A page, and which of its texts are known, so that it can be drawn without them. */
interface ReadPage {
  readonly layer: Omit<TextLayer, "ink" | "support">;
  readonly drawings: readonly Drawing[];
  readonly known: ReadonlySet<number>;
}

/** @throws GlyphpoolError `ABORTED`; whatever pdf.js throws */
export async function readTextLayer(
  page: PDFPageProxy,
  make: CanvasMaker,
  { look = false, pictures = true }: TextLayerOptions,
  actualTexts: ActualTexts,
  signal: AbortSignal,
): Promise<TextLayer> {
  const { layer, drawings, known } = await readPage(page, actualTexts);
  signal.throwIfAborted();
  const isScan = layer.imageCoverage >= SCAN;
  const where = drawings
    .filter(({ kind }) => kind === "shape" || pictures || isScan)
    .map(({ box }) => box);
  const hidden = layer.runs.filter((run) => run.hidden).map(({ polygon }) => polygon);
  if (!look || (where.length === 0 && hidden.length === 0))
    return { ...layer, ink: [], support: 1 };
  let seen: Look;
  try {
    const size = { dpi: LOOK_DPI, maxPixels: MAX_LOOK };
    const { image, dpi } = await renderPage(page, make, size, signal, known);
    seen = lookAt(image, dpi / POINTS, where, hidden);
  } catch (error) {
    if (!(GlyphpoolError.is(error) && error.code === "BACKEND_UNAVAILABLE")) throw error;
    // Nothing can be drawn here. Whoever asks decides whether the text alone will do.
    return { ...layer, ink: where, support: 1, unseen: true };
  }
  return { ...layer, ...seen };
}

/** Points per inch. */
const POINTS = 72;

/** The texts that the layer has, counted from 0 as the page shows them: what else is drawn is to be read. */
export async function knownText(page: PDFPageProxy): Promise<ReadonlySet<number>> {
  return (await readPage(page)).known;
}

async function readPage(page: PDFPageProxy, actualTexts?: ActualTexts): Promise<ReadPage> {
  const viewport = page.getViewport({ scale: 1 });
  const { fnArray, argsArray } = await page.getOperatorList();
  const groups = await optionalContent(page);
  const { glyphs, drawings, spans, pictureShare } = walkPage({
    operators: fnArray,
    operands: argsArray,
    viewport,
    fontOf: (name) => (page.commonObjs.has(name) ? page.commonObjs.get(name) : undefined),
    isShown: (group) => groups?.isVisible(group) ?? true,
  });
  const drawn = glyphs.filter((glyph) => glyph.seen !== "no");
  const unreadable = unreadableFonts(drawn);
  const readable = drawn.filter((glyph) => !unreadable.has(glyph.font));
  const visible = readable.filter((glyph) => glyph.seen === "yes");
  const isLost = isGarbagePage(visible.map(({ text }) => text).join(""));
  const trusted = isLost ? readable.filter((glyph) => glyph.seen === "hidden") : readable;
  const once = withoutDoubles(withoutCovered(trusted));
  const texts = spans > 0 ? ((await actualTexts?.of(page.pageNumber)) ?? []) : [];
  const runs = runsOf(joinAccents(texts.length === spans ? replaced(once, texts) : once));
  const lost = new Set(trusted);
  const inked = drawn.filter((glyph) => glyph.seen === "yes");
  const unread = inked.filter((glyph) => !lost.has(glyph) && glyph.text.trim() !== "");
  const invisible = drawn.filter((glyph) => glyph.seen === "hidden").length;
  return {
    layer: {
      runs,
      page: { width: viewport.width, height: viewport.height, rotation: viewport.rotation },
      imageCoverage: pictureShare,
      invisible: invisible === 0 ? "none" : invisible === drawn.length ? "all" : "some",
    },
    drawings: [
      ...drawings,
      ...unread.map((glyph): Drawing => ({ box: boxOf(glyph), kind: "shape" })),
    ],
    known: new Set(visible.filter((glyph) => lost.has(glyph)).map(({ shown }) => shown)),
  };
}

interface Groups {
  isVisible(group: unknown): boolean;
}

/** Missing from the types of a page: the document's settings of its layers. */
async function optionalContent(page: PDFPageProxy): Promise<Groups | undefined> {
  const { _transport: transport } = page as unknown as {
    _transport?: { getOptionalContentConfig?(intent: number): Promise<Groups> };
  };
  return await transport?.getOptionalContentConfig?.(DISPLAY);
}

/** `RenderingIntentFlag.DISPLAY` of pdf.js. */
const DISPLAY = 2;

/** The glyphs of a mark with an actual text as one that says it. */
function replaced(glyphs: readonly Glyph[], texts: readonly (string | undefined)[]): Glyph[] {
  const result: Glyph[] = [];
  let last: number | undefined;
  for (const glyph of glyphs) {
    const text = glyph.span === undefined ? undefined : texts[glyph.span];
    // A hyphen that is only there for the end of its line is seen nevertheless.
    if (text === undefined || text === "\u00AD") result.push(glyph);
    else if (glyph.span !== last) result.push({ ...glyph, text });
    else {
      const first = result.at(-1) as Glyph;
      const length = placeOf(first, glyph.origin) + glyph.length - placeOf(first, first.origin);
      result[result.length - 1] = { ...first, length: Math.max(first.length, length) };
    }
    last = text === undefined ? undefined : glyph.span;
  }
  return result.filter((glyph) => glyph.text !== "");
}

/** Points: half of a small letter. */
const CELL = 3;

/** Hidden text under visible text says the same again: an earlier reading of what is written there. */
function withoutCovered(glyphs: readonly Glyph[]): Glyph[] {
  if (!glyphs.some(({ seen }) => seen === "hidden")) return [...glyphs];
  const cells = new Set<string>();
  for (const glyph of glyphs) {
    if (glyph.seen !== "yes" || glyph.text.trim() === "") continue;
    const [left, top, right, bottom] = boxOf(glyph).map((value) => Math.floor(value / CELL)) as [
      number,
      number,
      number,
      number,
    ];
    for (let y = top; y <= bottom; y++) for (let x = left; x <= right; x++) cells.add(`${x},${y}`);
  }
  return glyphs.filter((glyph) => {
    if (glyph.seen !== "hidden") return true;
    const [left, top, right, bottom] = boxOf(glyph);
    const at = [(left + right) / 2, (top + bottom) / 2].map((value) => Math.floor(value / CELL));
    return !cells.has(at.join(","));
  });
}

function boxOf({ origin: [x, y], along, up, length, size, ascent, descent }: Glyph): Box {
  const xs: number[] = [];
  const ys: number[] = [];
  for (const ahead of [0, length]) {
    for (const above of [ascent * size, descent * size]) {
      xs.push(x + along[0] * ahead + up[0] * above);
      ys.push(y + along[1] * ahead + up[1] * above);
    }
  }
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}
