/**
 * The import table of the architecture, as code. Two realms that never import each other, on a shared
 * ground; inside a realm imports point one way; one place per heavy dependency and per global.
 */
import { posix } from "node:path";
import { parseSync } from "vite";

/** One module as the rules see it. */
export interface Source {
  /** From the repository root, with forward slashes: `src/gpu/session.ts`. */
  readonly path: string;
  readonly code: string;
}

interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

interface Module {
  readonly path: string;
  readonly imports: readonly Import[];
  /** Relative `new URL("…", import.meta.url)`. */
  readonly urls: readonly string[];
  readonly usesDeno: boolean;
}

type Realm = "shared" | "worker" | "host";

interface Layer {
  readonly name: string;
  readonly realm: Realm;
  readonly files: RegExp;
  /** A layer may import what has a smaller rank in its own realm, everything shared below it, and itself. */
  readonly rank: number;
}

const LAYERS: readonly Layer[] = [
  {
    name: "ground",
    realm: "shared",
    rank: 0,
    files: /^src\/(types|errors|options\/[a-z]+|memory\/snapshot)\.ts$/,
  },
  { name: "core", realm: "shared", rank: 1, files: /^src\/core\// },
  // Shared, because the server says its types; see checkLocal for what it may import itself.
  { name: "client", realm: "shared", rank: 1, files: /^src\/client\// },
  { name: "rpc", realm: "shared", rank: 2, files: /^src\/rpc\// },
  { name: "catalog", realm: "shared", rank: 2, files: /^(src\/catalog|assets\/embedded)\// },

  // Pure geometry: the text of a PDF is put in order without a worker.
  {
    name: "layout",
    realm: "shared",
    rank: 3,
    files: /^src\/structure\/(text-order\.ts|(layout|tables)\/[a-z-]+\.ts|rulings\/)/,
  },

  { name: "gpu", realm: "worker", rank: 11, files: /^src\/gpu\// },
  { name: "models", realm: "worker", rank: 12, files: /^src\/models\// },
  { name: "image", realm: "worker", rank: 13, files: /^src\/image\// },
  { name: "ocr", realm: "worker", rank: 14, files: /^src\/ocr\// },
  { name: "structure", realm: "worker", rank: 14, files: /^src\/structure\// },
  { name: "workers", realm: "worker", rank: 15, files: /^workers\// },

  { name: "memory", realm: "host", rank: 10, files: /^src\/memory\/(?!snapshot\.ts)/ },
  { name: "pool", realm: "host", rank: 11, files: /^src\/pool\// },
  { name: "input", realm: "host", rank: 12, files: /^src\/input\// },
  { name: "tasks", realm: "host", rank: 12, files: /^src\/tasks\// },
  { name: "document", realm: "host", rank: 13, files: /^src\/document\// },
  { name: "output", realm: "host", rank: 13, files: /^src\/output\// },
  { name: "engine", realm: "host", rank: 14, files: /^src\/engine\// },
  { name: "index", realm: "host", rank: 15, files: /^src\/index\.ts$/ },
  { name: "element", realm: "host", rank: 16, files: /^src\/element\// },
  { name: "server", realm: "host", rank: 16, files: /^src\/server\// },
  { name: "cli", realm: "host", rank: 17, files: /^src\/cli\// },
];

/** The only files that may import a heavy dependency. */
const PACKAGES: readonly {
  readonly name: RegExp;
  readonly files: RegExp;
  readonly where: string;
}[] = [
  { name: /^onnxruntime-(?!web)/, files: /^$/, where: "nowhere" },
  { name: /^onnxruntime-web(\/|$)/, files: /^src\/gpu\//, where: "src/gpu/" },
  // Each half of pdf.js has one place in a realm.
  {
    name: /^pdfjs-dist\/legacy\/build\/pdf\.worker\.mjs$/,
    files: /^workers\/pdf(-core\.worker|\.worker\.deno)\.ts$/,
    where: "the workers that parse PDFs",
  },
  {
    name: /^pdfjs-dist(?!\/legacy\/build\/pdf\.worker\.mjs$)(\/|$)/,
    files: /^workers\/pdf\/pdf-js\.ts$/,
    where: "workers/pdf/pdf-js.ts",
  },
  {
    name: /^@napi-rs\/canvas$/,
    files: /^workers\/pdf\/canvas\.deno\.ts$/,
    where: "workers/pdf/canvas.deno.ts",
  },
  {
    name: /^comlink$/,
    files: /^(src\/rpc\/|src\/pool\/|workers\/|src\/document\/pdf\/)/,
    where: "src/rpc/, src/pool/, src/document/pdf/ and workers/",
  },
  {
    name: /^@cantoo\/pdf-lib$/,
    files: /^(src\/output\/|workers\/pdf\/layer\/actual-text\.ts$)/,
    where: "src/output/ and workers/pdf/layer/actual-text.ts",
  },
  { name: /^(hono|pg)(\/|$)/, files: /^src\/server\//, where: "src/server/" },
  {
    name: /^(@jsquash\/|jpeg-js$)/,
    files: /^src\/image\//,
    where: "src/image/",
  },
];

/** Bundles with the native WebGPU provider; the bare package is JSEP in browsers and lacks it in Deno. */
const ORT_BUNDLES = new Set(["onnxruntime-web/jspi", "onnxruntime-web/webgpu"]);

/**
 * Where `Deno` may be named: the server side, and one runtime branch per concern. In `tasks/` that is the file
 * that listens to the signals of the process.
 */
const DENO =
  /^(src\/(cli|server|pool|rpc|input)\/|src\/memory\/meters\/|src\/tasks\/[^/]*deno|src\/image\/[^/]*deno|src\/document\/(pdf\/)?[^/]*deno|src\/catalog\/(store\/(cache-|file-blob|local-file)|reading\/locate)|workers\/.+\.deno\.ts$)/;

/** Layers that start workers and see the types of their wire. */
const HOSTS: ReadonlySet<string> = new Set(["pool", "document"]);

const layerOf = (path: string): Layer | undefined => LAYERS.find(({ files }) => files.test(path));

type Node = { readonly type: string; readonly [key: string]: unknown };

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as Node).type === "string";
}

function* walk(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const item of value) yield* walk(item);
  else if (isNode(value)) {
    yield value;
    for (const child of Object.values(value)) {
      if (typeof child === "object" && child !== null) yield* walk(child);
    }
  }
}

function text(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  if (value.type === "TemplateLiteral") {
    const [only, more] = value.quasis as { value: { cooked: string } }[];
    return more ? undefined : only?.value.cooked;
  }
  return typeof value.value === "string" ? value.value : undefined;
}

function isTypeOnly(node: Node): boolean {
  if (node.importKind === "type" || node.exportKind === "type") return true;
  const specifiers = (node.specifiers ?? []) as Node[];
  return (
    specifiers.length > 0 &&
    specifiers.every(({ importKind, exportKind }) => importKind === "type" || exportKind === "type")
  );
}

function parse({ path, code }: Source): Module {
  const { program, errors } = parseSync(path, code);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const imports: Import[] = [];
  const urls: string[] = [];
  let usesDeno = false;
  for (const node of walk(program)) {
    switch (node.type) {
      case "ImportDeclaration":
      case "ExportNamedDeclaration":
      case "ExportAllDeclaration": {
        const specifier = text(node.source);
        if (specifier !== undefined) imports.push({ specifier, typeOnly: isTypeOnly(node) });
        break;
      }
      case "ImportExpression": {
        // An import whose name is computed cannot be judged, so it is not allowed at all.
        imports.push({ specifier: text(node.source) ?? "(computed)", typeOnly: false });
        break;
      }
      case "TSImportType":
        imports.push({ specifier: text(node.source) ?? "(computed)", typeOnly: true });
        break;
      case "NewExpression": {
        const [first, second] = node.arguments as Node[];
        const url = text(first);
        if (url?.startsWith(".") && second?.type === "MemberExpression") urls.push(url);
        break;
      }
      case "Identifier":
        if (node.name === "Deno") usesDeno = true;
        break;
    }
  }
  return { path, imports, urls, usesDeno };
}

function checkLocal(from: Module, to: string, typeOnly: boolean): string | undefined {
  const a = layerOf(from.path);
  const b = layerOf(to);
  if (!a || !b) return b ? undefined : `${to} belongs to no layer`;
  if (a === b) return undefined;
  // A client is a download of its own: it brings nothing along but types and errors.
  if (a.name === "client") {
    const own = /^src\/(types|errors)\.ts$/.test(to) || (b.name === "ground" && typeOnly);
    return own ? undefined : `client may not import ${to}`;
  }
  if (b.name === "client") {
    return a.name === "server" ? undefined : `${a.name} may not import client`;
  }
  const crosses = a.realm !== b.realm && b.realm !== "shared";
  if (crosses) {
    const workerApi = HOSTS.has(a.name) && b.name === "workers" && typeOnly;
    return workerApi ? undefined : `the ${a.realm} realm may not import the ${b.realm} realm`;
  }
  return b.rank < a.rank ? undefined : `${a.name} may not import ${b.name}`;
}

function checkPackage(
  from: Module,
  { specifier, typeOnly }: Import,
  declared: ReadonlySet<string>,
): string[] {
  if (specifier.startsWith("node:")) {
    // Types leave nothing behind that a browser build could stumble over.
    if (typeOnly || DENO.test(from.path)) return [];
    return [`node: modules only where Deno may be named`];
  }
  const problems: string[] = [];
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  if (!declared.has(name)) problems.push("not a dependency of package.json");
  const rule = PACKAGES.find((entry) => entry.name.test(specifier));
  if (rule && !rule.files.test(from.path)) problems.push(`only from ${rule.where}`);
  const isOrtCode = /^onnxruntime-web(\/|$)/.test(specifier) && !/\.wasm(\?|$)/.test(specifier);
  if (isOrtCode && !ORT_BUNDLES.has(specifier)) problems.push("only /jspi or /webgpu");
  return problems;
}

/** A cycle of imports, types included, that goes through `start`, as a path, or undefined. */
function findCycle(
  start: string,
  edges: ReadonlyMap<string, readonly string[]>,
): string | undefined {
  const seen = new Set<string>();
  const visit = (at: string, trail: readonly string[]): string | undefined => {
    for (const next of edges.get(at) ?? []) {
      if (next === start) return [...trail, next].join(" → ");
      if (seen.has(next)) continue;
      seen.add(next);
      const found = visit(next, [...trail, next]);
      if (found) return found;
    }
    return undefined;
  };
  return visit(start, [start]);
}

/** Every violation, one sentence each; empty when the table holds. */
export function checkImports(
  sources: readonly Source[],
  dependencies: readonly string[],
): string[] {
  const declared = new Set(dependencies);
  const problems: string[] = [];
  const edges = new Map<string, string[]>();
  const ortImporters: string[] = [];
  const apiImporters = new Map<string, Set<string>>();
  for (const module of sources.map(parse)) {
    const { path } = module;
    const layer = layerOf(path);
    if (!layer) problems.push(`${path}: belongs to no layer`);
    if (module.usesDeno && !DENO.test(path)) problems.push(`${path}: names Deno`);
    for (const url of module.urls) {
      const target = posix.join(posix.dirname(path), url);
      const spawner = HOSTS.has(layer?.name ?? "") || layer?.name === "workers";
      if (target.startsWith("workers/") && !spawner) problems.push(`${path}: spawns ${target}`);
    }
    const targets: string[] = [];
    for (const imported of module.imports) {
      const { specifier, typeOnly } = imported;
      if (!specifier.startsWith(".")) {
        if (specifier.startsWith("onnxruntime-web") && !typeOnly && !ortImporters.includes(path)) {
          ortImporters.push(path);
        }
        for (const reason of checkPackage(module, imported, declared)) {
          problems.push(`${path}: ${specifier}: ${reason}`);
        }
        continue;
      }
      const target = posix.join(posix.dirname(path), specifier);
      const api = HOSTS.has(layer?.name ?? "") && target.startsWith("workers/");
      if (api) apiImporters.set(target, (apiImporters.get(target) ?? new Set()).add(path));
      targets.push(target);
      const reason = checkLocal(module, target, typeOnly);
      if (reason) problems.push(`${path}: ${specifier}: ${reason}`);
    }
    edges.set(path, targets);
  }
  if (ortImporters.length > 1) {
    problems.push(`onnxruntime-web has more than one importer: ${ortImporters.join(", ")}`);
  }
  for (const paths of apiImporters.values()) {
    if (paths.size < 2) continue;
    problems.push(`the worker API has more than one importer: ${[...paths].join(", ")}`);
  }
  for (const path of edges.keys()) {
    const cycle = findCycle(path, edges);
    if (cycle) problems.push(`cycle: ${cycle}`);
  }
  return problems;
}
