// `npm run sizes`: what a browser loads of demo/dist, raw and gzipped, by purpose. Fails when the reader
// outgrows its limit, or demo/dist is not there.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const dist = fileURLToPath(new URL("../demo/dist", import.meta.url));

/** Bytes, gzipped: the script of the reader with all that it imports at once. */
const READER_LIMIT = 65_000;

/** A module and what it imports statically, which a browser loads before it runs any of it. */
function closure(entry, found = new Set()) {
  if (found.has(entry)) return found;
  found.add(entry);
  const code = readFileSync(join(dist, entry), "utf8");
  for (const [, path] of code.matchAll(/(?:from|import)\s*["'](\.[^"']+)["']/g)) {
    closure(normalize(join(dirname(entry), path)), found);
  }
  return found;
}

function measure(names) {
  const files = [...names].map((name) => readFileSync(join(dist, name)));
  const raw = files.reduce((sum, file) => sum + file.length, 0);
  const packed = files.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0);
  return { raw, packed };
}

function show(label, { raw, packed }) {
  const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(12);
  console.log(`${label.padEnd(58)}${kilobytes(raw)}${kilobytes(packed)}`);
}

const assets = readdirSync(join(dist, "assets")).map((name) => `assets/${name}`);
const all = (pattern) => assets.filter((name) => pattern.test(name));

console.log(`${"".padEnd(58)}${"raw".padStart(12)}${"gzip".padStart(12)}`);
const reader = measure(closure("glyphpool-reader.js"));
show("glyphpool-reader.js with what it imports", reader);
const page = readFileSync(join(dist, "index.html"), "utf8");
const scripts = [...page.matchAll(/<script[^>]+src="\.\/([^"]+)"/g)].map(([, src]) => src);
const shell = new Set(scripts.flatMap((name) => [...closure(name)]));
show("demo: its scripts, the reader included", measure(shell));
show("demo: page and styles", measure(["index.html", ...all(/index-.*\.css$/)]));
show("OCR worker, without onnxruntime-web", measure(all(/ocr\.worker\.js$/)));
show("PDF worker, half of pdf.js in it; with the first PDF", measure(all(/pdf\.worker\.js$/)));
show("PDF parser, the other half", measure(all(/pdf-core\.worker\.js$/)));
show("writers of formats; with the first text that is not read", measure(all(/exports-.*\.js$/)));
show("searchable PDF; with the first download of one", measure(all(/searchable-pdf-.*\.js$/)));
show("onnxruntime-web, JSPI (Chrome, Edge, Firefox)", measure(all(/jspi/)));
show("onnxruntime-web, Asyncify (Safari, mobile)", measure(all(/(ort\.webgpu|asyncify)/)));
show("embedded models", measure(all(/(\.onnx|dictionary.*\.txt)$/)));
show(
  "fonts, encodings and decoders of PDFs; when one needs them",
  measure(all(/\.(pfb|ttf|bin)$|(jbig2|openjpeg)\.wasm$/)),
);

if (reader.packed > READER_LIMIT) {
  console.error(`The reader has ${reader.packed} bytes gzipped, more than ${READER_LIMIT}.`);
  process.exitCode = 1;
}
