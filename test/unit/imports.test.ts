import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import { VENDORED } from "../../scripts/vendor.mjs";
import { checkImports, type Source } from "./import-rules.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

function sources(folder: string): Source[] {
  const start = join(root, folder);
  if (!existsSync(start)) return [];
  return readdirSync(start, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
    .map((path) => ({ path, code: readFileSync(join(root, path), "utf8") }));
}

describe("imports", () => {
  it("follow the table of the architecture", () => {
    const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
      peerDependencies: Record<string, string>;
    };
    const declared = { ...manifest.dependencies, ...manifest.peerDependencies };
    const modules = [...sources("src"), ...sources("workers")];
    expect(modules.length).toBeGreaterThan(5);
    expect(checkImports(modules, [...Object.keys(declared), ...VENDORED])).toEqual([]);
  });
});

describe("the import checker", () => {
  const check = (path: string, code: string): string[] =>
    checkImports([{ path, code }], ["onnxruntime-web", "comlink", "pdfjs-dist", "jpeg-js", "hono"]);

  it.each([
    ["src/ocr/a.ts", `import { x } from "../gpu/session.ts";`],
    ["src/ocr/a.ts", `import type { Model } from "../catalog/manifest.ts";`],
    ["src/pool/a.ts", `import type { Api } from "../../workers/ocr.worker.ts";`],
    ["src/pool/a.ts", `new Worker(new URL("../../workers/ocr.worker.ts", import.meta.url));`],
    ["src/pool/a.ts", `import * as comlink from "comlink"; import { x } from "../errors.ts";`],
    ["src/gpu/a.ts", `const ort = await import("onnxruntime-web/jspi");`],
    ["src/core/a.ts", `import type * as V8 from "node:v8";`],
    [
      "src/client/a.ts",
      `import { E } from "../errors.ts"; import type { O } from "../options/engine.ts";`,
    ],
    ["src/server/a.ts", `import type { T } from "../client/wire.ts"; import { Hono } from "hono";`],
    ["src/cli/main.ts", `import { createEngine } from "../index.ts"; Deno.exit(0);`],
    ["workers/ocr.worker.deno.ts", `import "../src/gpu/location.ts"; Deno.env;`],
    [
      "src/engine/engine.ts",
      `// import { x } from "../gpu/session.ts"\nconst s = 'import "../gpu/x.ts"; Deno';`,
    ],
    [
      "src/engine/engine.ts",
      `const r = /import "\\.\\/gpu\\/x.ts"/; const has = "Deno" in globalThis;`,
    ],
  ])("accepts %s: %s", (path, code) => {
    expect(check(path, code)).toEqual([]);
  });

  it.each([
    ["src/gpu/a.ts", `import { x } from "../ocr/pipeline.ts";`, "gpu may not import ocr"],
    ["src/ocr/a.ts", `import "../structure/layout.ts";`, "ocr may not import structure"],
    ["src/core/a.ts", `export * from "../catalog/manifest.ts";`, "core may not import catalog"],
    ["src/errors.ts", `import "./core/mutex.ts";`, "ground may not import core"],
    ["src/rpc/a.ts", `import type { M } from "../catalog/a.ts";`, "rpc may not import catalog"],
    ["src/rpc/a.ts", `import type { A } from "../../workers/ocr/worker-api.ts";`, "may not import"],
    ["src/pool/a.ts", `import { x } from "../gpu/session.ts";`, "host realm may not"],
    ["src/engine/engine.ts", `import type { S } from "../gpu/tensor.ts";`, "host realm may not"],
    ["src/engine/engine.ts", `type S = import("../gpu/tensor.ts").Session;`, "host realm may not"],
    [
      "src/engine/engine.ts",
      `const s = await import(\`../gpu/session.ts\`);`,
      "host realm may not",
    ],
    ["src/pool/a.ts", `import { api } from "../../workers/ocr.worker.ts";`, "host realm may not"],
    [
      "src/engine/engine.ts",
      `import type { A } from "../../workers/ocr.worker.ts";`,
      "host realm may not",
    ],
    [
      "workers/ocr.worker.ts",
      `import { x } from "../src/engine/engine.ts";`,
      "worker realm may not",
    ],
    ["src/memory/guard.ts", `import "../gpu/ledger.ts";`, "host realm may not"],
    ["src/catalog/a.ts", `import "../pool/ocr-service.ts";`, "shared realm may not"],
    ["src/client/a.ts", `import { integer } from "../options/rules.ts";`, "client may not import"],
    ["src/client/a.ts", `import type { T } from "../server/view.ts";`, "client may not import"],
    [
      "src/engine/engine.ts",
      `import type { T } from "../client/wire.ts";`,
      "engine may not import client",
    ],
    ["src/pool/a.ts", `import { Hono } from "hono";`, "only from src/server/"],
    ["src/gpu/a.ts", `import * as ort from "onnxruntime-web";`, "only /jspi or /webgpu"],
    ["src/gpu/a.ts", `import * as ort from "onnxruntime-web/all";`, "only /jspi or /webgpu"],
    ["src/ocr/a.ts", `import type { T } from "onnxruntime-web/webgpu";`, "only from src/gpu/"],
    ["src/engine/engine.ts", `import { wrap } from "comlink";`, "only from src/rpc/"],
    [
      "src/ocr/a.ts",
      `import { getDocument } from "pdfjs-dist";`,
      "only from workers/pdf/pdf-js.ts",
    ],
    ["src/engine/engine.ts", `import { decode } from "jpeg-js";`, "only from src/image/"],
    ["src/gpu/a.ts", `import lodash from "lodash";`, "not a dependency"],
    ["src/gpu/a.ts", `import { readFile } from "node:fs";`, "node: modules only"],
    ["src/gpu/a.ts", `const x = await import(name);`, "not a dependency"],
    ["src/ocr/a.ts", `const x = Deno.memoryUsage();`, "names Deno"],
    ["src/ocr/a.ts", `const x = globalThis.Deno;`, "names Deno"],
    ["src/engine/engine.ts", `new URL("../../workers/ocr.worker.ts", import.meta.url);`, "spawns"],
    ["src/misc/a.ts", ``, "belongs to no layer"],
    ["src/gpu/a.ts", `import "../misc/a.ts";`, "belongs to no layer"],
  ])("rejects %s: %s", (path, code, reason) => {
    expect(check(path, code).join("\n")).toContain(reason);
  });

  it("finds cycles and second importers", () => {
    const found = checkImports(
      [
        { path: "src/gpu/a.ts", code: `import "./b.ts"; import "onnxruntime-web/jspi";` },
        { path: "src/gpu/b.ts", code: `import "./a.ts"; import "onnxruntime-web/webgpu";` },
        { path: "src/gpu/c.ts", code: `import type { A } from "./d.ts";` },
        { path: "src/gpu/d.ts", code: `import "./c.ts";` },
      ],
      ["onnxruntime-web"],
    );
    expect(found).toContain("cycle: src/gpu/a.ts → src/gpu/b.ts → src/gpu/a.ts");
    expect(found.filter((line) => line.includes("more than one importer"))).toHaveLength(1);
    expect(found).toContain("cycle: src/gpu/c.ts → src/gpu/d.ts → src/gpu/c.ts");
  });
});

describe("importing the library", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it.skipIf(!existsSync(join(root, "src/index.ts")))(
    "touches no DOM, GPU, worker, storage or network",
    async () => {
      const touched: string[] = [];
      const trap = (name: string): unknown => {
        const note = (): never => {
          touched.push(name);
          throw new Error(`${name} was touched by an import`);
        };
        return new Proxy(function () {}, { get: note, has: note, apply: note, construct: note });
      };
      for (const name of [
        "document",
        "window",
        "navigator",
        "Worker",
        "SharedWorker",
        "OffscreenCanvas",
        "createImageBitmap",
        "fetch",
        "caches",
        "indexedDB",
        "localStorage",
        "BroadcastChannel",
        "Deno",
      ]) {
        vi.stubGlobal(name, trap(name));
      }
      vi.resetModules();
      const library = (await import("../../src/index.ts")) as Record<string, unknown>;
      vi.unstubAllGlobals();
      expect(touched).toEqual([]);
      expect(Object.keys(library).length).toBeGreaterThan(0);
    },
  );
});
