/**
 * The files that pdf.js may load: tables of CJK encodings, the fonts that a PDF need not embed, and two decoders.
 * They ship with the package, nothing else is ever fetched. The `new URL(…, import.meta.url)` literals are what
 * bundlers look for. `scripts/embed-pdf.mjs` puts the files there.
 */
import { Lazy } from "../../src/core/lazy.ts";

/** Taken before the network is closed to everything else in the worker. */
const { fetch } = globalThis;

const FILES: Readonly<Record<string, URL>> = {
  "FoxitDingbats.pfb": new URL("../../assets/pdf/FoxitDingbats.pfb", import.meta.url),
  "FoxitFixed.pfb": new URL("../../assets/pdf/FoxitFixed.pfb", import.meta.url),
  "FoxitFixedBold.pfb": new URL("../../assets/pdf/FoxitFixedBold.pfb", import.meta.url),
  "FoxitFixedBoldItalic.pfb": new URL("../../assets/pdf/FoxitFixedBoldItalic.pfb", import.meta.url),
  "FoxitFixedItalic.pfb": new URL("../../assets/pdf/FoxitFixedItalic.pfb", import.meta.url),
  "FoxitSerif.pfb": new URL("../../assets/pdf/FoxitSerif.pfb", import.meta.url),
  "FoxitSerifBold.pfb": new URL("../../assets/pdf/FoxitSerifBold.pfb", import.meta.url),
  "FoxitSerifBoldItalic.pfb": new URL("../../assets/pdf/FoxitSerifBoldItalic.pfb", import.meta.url),
  "FoxitSerifItalic.pfb": new URL("../../assets/pdf/FoxitSerifItalic.pfb", import.meta.url),
  "FoxitSymbol.pfb": new URL("../../assets/pdf/FoxitSymbol.pfb", import.meta.url),
  "LiberationSans-Bold.ttf": new URL("../../assets/pdf/LiberationSans-Bold.ttf", import.meta.url),
  "LiberationSans-BoldItalic.ttf": new URL(
    "../../assets/pdf/LiberationSans-BoldItalic.ttf",
    import.meta.url,
  ),
  "LiberationSans-Italic.ttf": new URL(
    "../../assets/pdf/LiberationSans-Italic.ttf",
    import.meta.url,
  ),
  "LiberationSans-Regular.ttf": new URL(
    "../../assets/pdf/LiberationSans-Regular.ttf",
    import.meta.url,
  ),
  "jbig2.wasm": new URL("../../assets/pdf/jbig2.wasm", import.meta.url),
  "openjpeg.wasm": new URL("../../assets/pdf/openjpeg.wasm", import.meta.url),
};

const CMAPS: URL = new URL("../../assets/pdf/cmaps.bin", import.meta.url);

interface Encodings {
  readonly index: Readonly<Record<string, readonly [offset: number, length: number]>>;
  readonly bytes: Uint8Array;
}

const encodings = new Lazy<Encodings>(() => loadEncodings());

/** What pdf.js asks when it needs a file; it makes an object of it for every document. */
export class Assets {
  /**
   * @returns bytes that belong to the caller
   * @throws Error for a file that is not in the package, which pdf.js turns into a warning
   */
  async fetch({ kind, filename }: { kind: string; filename: string }): Promise<Uint8Array> {
    if (kind === "cMapUrl") {
      const { index, bytes } = await encodings.get();
      const place = Object.hasOwn(index, filename) ? index[filename] : undefined;
      if (!place) throw new Error(`There is no encoding ${filename}.`);
      return bytes.slice(place[0], place[0] + place[1]);
    }
    const url = Object.hasOwn(FILES, filename) ? FILES[filename] : undefined;
    if (!url) throw new Error(`There is no file ${filename}.`);
    return await load(url);
  }
}

async function loadEncodings(): Promise<Encodings> {
  const file = await load(CMAPS);
  const end = 4 + new DataView(file.buffer).getUint32(0, true);
  const index = JSON.parse(new TextDecoder().decode(file.subarray(4, end))) as Encodings["index"];
  return { index, bytes: file.subarray(end) };
}

async function load(url: URL): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url.href}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
