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

/** Larger ones hold more than one subject. */
const MOST_LINES = 300;
const MOST_FILES = 25;
/** Are still to be split. */
const STILL_LONG = new Set([
  "src/server/http/openapi.ts",
  "src/server/store/sql/store.ts",
  "src/server/store/sql/tasks.ts",
]);

const folders = (of: string): string[] =>
  readdirSync(join(root, of), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length).replaceAll("\\", "/"));

describe("the tree", () => {
  it("has no folder with more files than a reader takes in, and no file longer than that", () => {
    const beside = new Map<string, number>();
    for (const path of files) beside.set(dirname(path), (beside.get(dirname(path)) ?? 0) + 1);
    const full = [...beside].filter(([, count]) => count > MOST_FILES);
    const long = files
      .map((path) => [path, readFileSync(join(root, path), "utf8").split("\n").length - 1] as const)
      .filter(([path, lines]) => lines > MOST_LINES && !STILL_LONG.has(path));
    expect({ full, long }).toEqual({ full: [], long: [] });
  });

  it("is the tree of the unit tests as well", () => {
    const rooms = folders("test/unit").map((path) => path.slice("test/unit/".length));
    expect(rooms.length).toBeGreaterThan(10);
    const lost = rooms.filter((room) => {
      // What is tested beside the code: benchmarks and the documentation.
      if (/^(bench|docs)(\/|$)/.test(room)) return false;
      return !existsSync(join(root, /^workers(\/|$)/.test(room) ? room : `src/${room}`));
    });
    expect(lost).toEqual([]);
  });

  it("has these helpers once", () => {
    const once = [
      /\bfunction untilAborted\b/g,
      /\bfunction engineClosed\b/g,
      /\binterface Timers\b/g,
      /\bCONTROL_DEADLINE =/g,
      /\bfunction holdForLife\b/g,
      /\bfunction enveloped\b/g,
    ];
    const code = files.map((path) => readFileSync(join(root, path), "utf8")).join("\n");
    expect(once.map((name) => [String(name), code.match(name)?.length])).toEqual(
      once.map((name) => [String(name), 1]),
    );
  });

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
