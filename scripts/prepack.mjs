// Runs before `npm pack` and `npm publish`: a package is built from what is here, or it is not made at all.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { run } from "./setup.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const script = (name) => run(process.execPath, [join(root, "scripts", name)]);

if (!existsSync(join(root, "node_modules/typescript"))) {
  console.error("Nothing is installed here, so nothing can be packed. Run `npm ci` first.");
  process.exit(1);
}
const done = script("embed-models.mjs") && script("embed-pdf.mjs") && script("build.mjs");
process.exit(done ? 0 : 1);
