// `npm run build:demo`: demo/dist, a static site for any path of any host; then the list of its files
// for the service worker, which keeps them for visits without a network.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "demo/dist");

// Vite builds for development where this says something else, as under a test runner: then nothing is kept offline.
process.env.NODE_ENV = "production";
await build({ configFile: join(root, "demo/vite.config.ts"), logLevel: "warn" });

// What starts workers in Deno names them in a way that Vite takes for files to be copied.
for (const name of readdirSync(join(dist, "assets"))) {
  if (name.endsWith(".ts")) rmSync(join(dist, "assets", name));
}

const files = readdirSync(dist, { recursive: true, encoding: "utf8" })
  .map((name) => name.replaceAll("\\", "/"))
  .filter((name) => statSync(join(dist, name)).isFile() && name !== "sw.js")
  .sort();
const hash = createHash("sha256");
for (const name of files) hash.update(name).update(readFileSync(join(dist, name)));

const script = join(dist, "sw.js");
const source = readFileSync(script, "utf8");
const list = JSON.stringify(files);
const written = source
  .replace(/\[\\?"__FILES__\\?"\]/, (found) =>
    found.includes("\\") ? JSON.stringify(list).slice(1, -1) : list,
  )
  .replace("__VERSION__", hash.digest("hex").slice(0, 16));
if (written.includes("__FILES__") || written.includes("__VERSION__")) {
  throw new Error("demo/dist/sw.js: the list of files could not be put in.");
}
writeFileSync(script, written);
const bytes = files.reduce((sum, name) => sum + statSync(join(dist, name)).size, 0);
console.log(`demo/dist: ${files.length} files, ${(bytes / 1e6).toFixed(1)} MB`);
