// `npm run build`: dist/ as published. tsc emits; what follows points worker URLs at the emitted files
// (tsc rewrites imports only), adds the embedded models, what pdf.js needs and the parts of other packages, and drops
// the types that nobody can import.
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { pruneTypes } from "./prune-types.mjs";
import { run } from "./setup.mjs";
import { copyVendor, useVendor } from "./vendor.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const assets = join(root, "assets");

rmSync(dist, { recursive: true, force: true });
const tsc = join(root, "node_modules/typescript/bin/tsc");
if (!run(process.execPath, [tsc, "-p", "tsconfig.build.json"])) process.exit(1);

if (!existsSync(join(assets, "embedded")) || !existsSync(join(assets, "pdf"))) {
  console.error("assets/ is incomplete: run `npm run prepare` first.");
  process.exit(1);
}
cpSync(assets, join(dist, "assets"), { recursive: true });
await copyVendor(dist);

const ASSET = /new URL\(\s*(["'`])(\.{1,2}\/[^"'`$]+)\1\s*,\s*import\.meta\.url\s*,?\s*\)/g;
const problems = [];

for (const name of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
  if (!name.endsWith(".js") || name.startsWith("vendor")) continue;
  const file = join(dist, name);
  const source = readFileSync(file, "utf8");
  const output = useVendor(source, file, dist).replace(ASSET, (_, quote, path) => {
    const target = path.replace(/\.ts$/, ".js");
    if (!existsSync(new URL(target, pathToFileURL(file)))) {
      problems.push(`dist/${name}: ${target} does not exist in dist/`);
    }
    return `new URL(${quote}${target}${quote}, import.meta.url)`;
  });
  if (/["'`]\.{1,2}\/[^"'`\s]*\.ts["'`]/.test(output.replace(/^\s*(\/\/|\*).*$/gm, ""))) {
    problems.push(`dist/${name}: still names a .ts file`);
  }
  if (output !== source) writeFileSync(file, output);
}

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
problems.push(...pruneTypes(dist, manifest));

if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
