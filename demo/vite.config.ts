/** The demo and the embeddable reader, as one static site: `npm run demo` serves it, `npm run build:demo` writes it. */
import { fileURLToPath } from "node:url";
import { defineConfig, type UserConfig } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Threads need them; the service worker adds them on hosts that cannot. */
const isolation: Record<string, string> = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** Files with fixed names: what pages of others refer to. */
const FIXED: Readonly<Record<string, string>> = {
  "glyphpool-reader": "glyphpool-reader.js",
  sw: "sw.js",
};

const config: UserConfig = defineConfig({
  root: here("."),
  // Relative addresses: the site works under any path.
  base: "./",
  publicDir: here("public"),
  server: { headers: isolation, fs: { allow: [here("..")] } },
  preview: { headers: isolation },
  // Chunks of their own for the two builds of the model runtime, so that a browser loads one.
  worker: {
    format: "es",
    rolldownOptions: {
      // The attribute `base` finds workers by their names.
      output: { entryFileNames: "assets/[name].js", assetFileNames: "assets/[name][extname]" },
    },
  },
  optimizeDeps: {
    exclude: ["onnxruntime-web", "pdfjs-dist"],
    include: ["comlink", "@cantoo/pdf-lib"],
  },
  build: {
    outDir: here("dist"),
    emptyOutDir: true,
    target: "es2022",
    // A model or a font inside of a script would be loaded by everybody.
    assetsInlineLimit: 0,
    // Its helper would be in the reader's first load, and is of use only where there is a bundle to preload.
    modulePreload: false,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      preserveEntrySignatures: "exports-only",
      input: {
        index: here("index.html"),
        embed: here("embed.html"),
        frame: here("frame.html"),
        "glyphpool-reader": here("../src/element/index.ts"),
        sw: here("sw.ts"),
      },
      output: {
        entryFileNames: ({ name }) => FIXED[name] ?? "assets/[name]-[hash].js",
        assetFileNames: ({ names }) =>
          names.some((name) => /\.(onnx|wasm|txt|bin|pfb|ttf)$/.test(name))
            ? "assets/[name][extname]"
            : "assets/[name]-[hash][extname]",
      },
    },
  },
});

export default config;
