// `npm run check:package`: build, pack, and let publint and attw judge the packed file.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pack } from "./pack.mjs";
import { run, runScript } from "./setup.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "glyphpool-pack-"));

/** Bytes: the two builds of the model runtime are 44 MB of it, the embedded models 16. */
const UNPACKED_LIMIT = 75e6;

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

function check() {
  if (!runScript("build")) return false;
  const { file, size, unpacked, names } = pack(folder);
  const stray = names.filter((name) => /^(test|scripts|src|demo|docs)\//.test(name));
  if (stray.length > 0) {
    console.error(`The package contains what it should not:\n${stray.join("\n")}`);
    return false;
  }
  console.log(`${names.length} files, ${megabytes(size)} packed, ${megabytes(unpacked)} unpacked`);
  if (unpacked > UNPACKED_LIMIT) {
    console.error(`The package is larger than its limit of ${megabytes(UNPACKED_LIMIT)}.`);
    return false;
  }
  const tool = (path) => join(root, "node_modules", path);
  return (
    run(process.execPath, [tool("publint/src/cli.js"), "run", file, "--strict"]) &&
    run(process.execPath, [
      tool("@arethetypeswrong/cli/dist/index.js"),
      file,
      "--profile",
      "esm-only",
      "--no-definitely-typed",
      "--no-emoji",
    ])
  );
}

try {
  process.exitCode = check() ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
