// What the package carries of other packages, as single files in dist/vendor/. Installed whole they are 210 MB, of
// which a browser needs a fifth: see docs/dependencies.md.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));
const modules = join(root, "node_modules");

/** By what the sources import: the file in dist/vendor/ that takes its place. */
const FILES = {
  "onnxruntime-web/jspi": "ort.jspi.bundle.min.mjs",
  "onnxruntime-web/webgpu": "ort.webgpu.bundle.min.mjs",
  "pdfjs-dist/legacy/build/pdf.mjs": "pdf.min.mjs",
  "pdfjs-dist/legacy/build/pdf.worker.mjs": "pdf.worker.min.mjs",
  "@cantoo/pdf-lib": "pdf-lib.js",
};

/** The packages that are not dependencies of what is published, because the parts that are used lie in it. */
export const VENDORED = ["onnxruntime-web", "pdfjs-dist", "@cantoo/pdf-lib"];

const COPIES = [
  "onnxruntime-web/dist/ort.jspi.bundle.min.mjs",
  "onnxruntime-web/dist/ort.webgpu.bundle.min.mjs",
  // Deno loads these two as files; in browsers they are a part of the bundles above.
  "onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.mjs",
  "onnxruntime-web/dist/ort-wasm-simd-threaded.jspi.mjs",
  "onnxruntime-web/dist/ort-wasm-simd-threaded.jspi.wasm",
  "onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.wasm",
  "pdfjs-dist/legacy/build/pdf.min.mjs",
  "pdfjs-dist/legacy/build/pdf.worker.min.mjs",
];

/** Fills dist/vendor/. */
export async function copyVendor(dist) {
  const target = join(dist, "vendor");
  mkdirSync(target, { recursive: true });
  for (const path of COPIES) copyFileSync(join(modules, path), join(target, path.split("/").pop()));
  await build({
    root,
    configFile: false,
    logLevel: "error",
    build: {
      outDir: target,
      emptyOutDir: false,
      target: "es2022",
      lib: {
        entry: fileURLToPath(import.meta.resolve("@cantoo/pdf-lib")),
        formats: ["es"],
        fileName: () => "pdf-lib.js",
      },
    },
  });
  const notices = VENDORED.map((name) => {
    const { version, license, homepage, repository } = JSON.parse(
      readFileSync(join(modules, name, "package.json"), "utf8"),
    );
    const source = homepage ?? repository?.url ?? repository;
    return `${name} ${version}, ${license}: ${source}`;
  });
  writeFileSync(
    join(target, "NOTICE.txt"),
    `Copied from npm packages, unchanged but for bundling.\n\n${notices.join("\n")}\n`,
  );
}

/** The source of a file of dist/ with its imports of those packages pointed at dist/vendor/. */
export function useVendor(source, file, dist) {
  return source.replace(/(["'])([@a-z][^"'\s]*)\1/g, (whole, quote, specifier) => {
    if (!Object.hasOwn(FILES, specifier)) return whole;
    const path = relative(dirname(file), join(dist, "vendor", FILES[specifier]));
    return `${quote}${path.replaceAll("\\", "/")}${quote}`;
  });
}
