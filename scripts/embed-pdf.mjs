// Puts what pdf.js loads while it reads a document where workers/pdf/assets.ts expects it:
// node scripts/embed-pdf.mjs [target folder, default assets/pdf]
//
// The 168 tables of CJK encodings become one file, so that bundlers see one URL: a length (u32,
// little-endian), JSON { name: [offset, length] } with offsets from the end of the JSON, then the tables.
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const require = createRequire(join(root, "package.json"));
const source = dirname(require.resolve("pdfjs-dist/package.json"));
const target = resolve(process.argv[2] ?? join(root, "assets/pdf"));
mkdirSync(target, { recursive: true });

const index = {};
const tables = [];
let offset = 0;
const names = readdirSync(join(source, "cmaps")).filter((name) => name.endsWith(".bcmap"));
for (const name of names.toSorted()) {
  const table = readFileSync(join(source, "cmaps", name));
  index[name] = [offset, table.length];
  offset += table.length;
  tables.push(table);
}
const json = Buffer.from(JSON.stringify(index));
const length = Buffer.alloc(4);
length.writeUInt32LE(json.length);
writeFileSync(join(target, "cmaps.bin"), Buffer.concat([length, json, ...tables]));

// Colour profiles and the sandbox for scripts are left out: neither is used.
const files = [
  ["cmaps", "LICENSE", "LICENSE_CMAPS"],
  ...["jbig2.wasm", "openjpeg.wasm", "LICENSE_JBIG2", "LICENSE_OPENJPEG"].map((name) => [
    "wasm",
    name,
  ]),
  ["wasm", "LICENSE_PDFJS_JBIG2"],
  ["wasm", "LICENSE_PDFJS_OPENJPEG"],
  ...readdirSync(join(source, "standard_fonts")).map((name) => ["standard_fonts", name]),
];
for (const [folder, name, as = name] of files) {
  copyFileSync(join(source, folder, name), join(target, as));
}
console.log(`assets/pdf: ${names.length} encodings, ${files.length} files`);
