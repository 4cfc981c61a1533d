import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

const files = ["src", "workers"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(".ts")),
);

describe("the tree", () => {
  it("has every script that a module names by its address", () => {
    const named = files.flatMap((path) => {
      const code = readFileSync(join(root, path), "utf8");
      // Deno's scripts are named by a template, which neither bundlers nor the import rules read.
      return [
        ...code.matchAll(
          /new URL\(\s*["`](\.[^"`]*\/?[^"`/]*\.worker[^"`]*|\.[^"`]*\.process[^"`]*)["`]/g,
        ),
      ]
        .map(([, url = ""]) => url.replace("${extension}", "ts"))
        .map((url) => ({ path, target: join(dirname(path), url) }));
    });
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter(({ target }) => !existsSync(join(root, target)))).toEqual([]);
  });
});
