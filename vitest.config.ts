import { createReadStream, existsSync, statSync } from "node:fs";
import { extname, join, normalize, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig, type ViteUserConfig } from "vitest/config";
import { CHROME_FLAGS, findInstalledChromes } from "./scripts/chrome.mjs";
import { ensureEmbedded } from "./scripts/embed-models.mjs";

const root: string = fileURLToPath(new URL(".", import.meta.url));
/** Real weights and pages, where a checkout has them next to it. Tests that need them skip otherwise. */
const shared: string = resolve(root, "../shared");

const isolation: Record<string, string> = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};

const types: Record<string, string> = {
  ".json": "application/json",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".webp": "image/webp",
  ".pdf": "application/pdf",
  ".txt": "text/plain; charset=utf-8",
};

/** Serves `../shared` read-only at `/shared/…`; 404 (never the index page) where it does not exist. */
function serveShared(): Plugin {
  return {
    name: "glyphpool:shared",
    configureServer(server) {
      server.middlewares.use("/shared", (request, response) => {
        const path = decodeURIComponent((request.url ?? "/").split("?")[0] ?? "/");
        const file = normalize(join(shared, path));
        const found = file.startsWith(shared + sep) && existsSync(file) && statSync(file).isFile();
        if (!found || (request.method !== "GET" && request.method !== "HEAD")) {
          response.statusCode = found ? 405 : 404;
          response.end();
          return;
        }
        response.setHeader("Content-Type", types[extname(file)] ?? "application/octet-stream");
        response.setHeader("Content-Length", statSync(file).size);
        for (const [name, value] of Object.entries(isolation)) response.setHeader(name, value);
        if (request.method === "HEAD") response.end();
        else createReadStream(file).pipe(response);
      });
    },
  };
}

// Vitest's failure report needs it and Node 20 has it not.
function groupBy<K, V>(items: Iterable<V>, keyOf: (item: V, index: number) => K): Map<K, V[]> {
  const groups = new Map<K, V[]>();
  let index = 0;
  for (const item of items) {
    const key = keyOf(item, index++);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}
if (!("groupBy" in Map)) Object.assign(Map, { groupBy });

// Deno falls back to OpenGL, whose adapters are too small for the models: better none, and tests skip.
if (process.platform === "linux") process.env["DENO_WEBGPU_BACKEND"] ??= "vulkan";

// A checkout that was updated may still hold the models of an older one.
await ensureEmbedded();

const executablePath: string | undefined = findInstalledChromes()[0];

const config: ViteUserConfig = defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          environment: "node",
          include: ["test/unit/**/*.test.ts"],
          // Vitest leaves one processor to itself; of two that is half.
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Needs Deno: `npm run test:deno`.
        test: {
          name: "deno",
          environment: "node",
          pool: "forks",
          include: ["test/deno/**/*.test.ts"],
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        // Drives a Chromium of its own, because what is tested are pages and not modules.
        test: {
          name: "demo",
          environment: "node",
          include: ["test/demo/**/*.test.ts"],
          globalSetup: ["test/demo/setup.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        plugins: [serveShared()],
        worker: { format: "es" },
        // A dependency that is discovered in mid-test reloads the page, so all of them are named here.
        optimizeDeps: {
          exclude: ["onnxruntime-web", "pdfjs-dist"],
          include: ["comlink", "@noble/hashes/sha2.js"],
        },
        server: { headers: isolation },
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Two software-rendered GPUs on a small machine only slow each other down.
          fileParallelism: false,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            instances: [{ browser: "chromium" }],
            provider: playwright({
              launchOptions: {
                // Else Chromium measures memory with its next garbage collection, which may be minutes away.
                args: [...CHROME_FLAGS, "--enable-blink-features=ForceEagerMeasureMemory"],
                ...(executablePath ? { executablePath } : {}),
              },
            }),
          },
        },
      },
    ],
  },
});

export default config;
