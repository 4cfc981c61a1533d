import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parseSync } from "vite";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const files = [
  ...["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"].filter((name) =>
    existsSync(join(root, name)),
  ),
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

const read = (file: string): string => readFileSync(join(root, file), "utf8");

/** Text outside of code. */
const prose = (text: string): string =>
  text.replaceAll(/^```.*?^```$/gms, "").replaceAll(/`[^`\n]*`/g, "");

/** The anchors that a host of Markdown gives the headings of a file. */
function anchorsOf(file: string): Set<string> {
  const text = read(file).replaceAll(/^```.*?^```$/gms, "");
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) => title as string);
  return new Set(
    headings.map((title) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(/\s/g, "-"),
    ),
  );
}

describe.each(files)("%s", (file) => {
  it("links to files and headings that exist", () => {
    const broken = [...prose(read(file)).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target]) => target as string)
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => {
        const [path = "", anchor] = target.split("#");
        const to = path === "" ? file : relative(root, join(root, dirname(file), path));
        if (!existsSync(join(root, to))) return true;
        return anchor !== undefined && to.endsWith(".md") && !anchorsOf(to).has(anchor);
      });
    expect(broken).toEqual([]);
  });

  it("shows code that is valid TypeScript", () => {
    const blocks = [...read(file).matchAll(/^```(ts|tsx|js)\n(.*?)^```$/gms)];
    const wrong = blocks.flatMap(([, language, code]) =>
      parseSync(`block.${language}`, `${code}\nexport {};`).errors.map(({ message }) => message),
    );
    expect(wrong).toEqual([]);
  });
});

describe("docs/errors.md", () => {
  const codes = [...read("src/errors.ts").matchAll(/^ {2}\| "([A-Z_]+)"/gm)].map(
    ([, code]) => code,
  );
  const told = [...read("docs/errors.md").matchAll(/^### ([A-Z_]+)$/gm)].map(([, code]) => code);

  it("has a paragraph for every error code, and for no other", () => {
    expect(codes.length).toBeGreaterThan(20);
    expect(new Set(told)).toEqual(new Set(codes));
  });
});
