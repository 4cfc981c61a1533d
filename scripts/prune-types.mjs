// Of the declarations in dist/ only those stay that an entry of the package reaches: the others name types (GPU, Deno)
// that consumers need not have.
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";

/** Symbol.dispose and what goes with it, for consumers whose `lib` is older. TypeScript 5.2 and newer have it. */
const DISPOSABLE = '/// <reference lib="esnext.disposable" />\n';

const IMPORT = /(?:from|import)\s*\(?\s*["']([^"']+)["']/g;

/** @returns what is wrong, one sentence each */
export function pruneTypes(dist, { exports, dependencies = {} }) {
  const problems = [];
  const kept = new Set();
  const visit = (file) => {
    if (kept.has(file)) return;
    kept.add(file);
    for (const [, specifier] of readFileSync(file, "utf8").matchAll(IMPORT)) {
      if (specifier.startsWith(".")) {
        const target = normalize(join(dirname(file), specifier.replace(/\.(ts|js)$/, ".d.ts")));
        if (existsSync(target)) visit(target);
        else problems.push(`${relative(dist, file)}: there are no types of ${specifier}`);
      } else if (!Object.hasOwn(dependencies, specifier)) {
        problems.push(`${relative(dist, file)}: names ${specifier}, which consumers do not have`);
      }
    }
  };
  for (const entry of Object.values(exports)) {
    if (!entry.types) continue;
    const file = join(dist, "..", entry.types);
    // Written by hand, over what another entry emits.
    if (relative(dist, file).startsWith("..")) continue;
    visit(file);
    writeFileSync(file, DISPOSABLE + readFileSync(file, "utf8"));
  }
  for (const name of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
    const file = join(dist, name);
    if (name.endsWith(".d.ts") && !kept.has(file)) rmSync(file);
  }
  return problems;
}
