// `npm run check:consumers`: packs the package, installs it into empty projects and type-checks what users write, with
// `skipLibCheck: false` and an old `lib`, on each supported TypeScript. The compilers come from the npm registry.
// node scripts/check-consumers.mjs [versions, default all]
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pack } from "./pack.mjs";
import { run, runScript } from "./setup.mjs";

const VERSIONS = ["5.6", "5.9", "6", "7"];

const LIBRARY = `
import { createEngine, GlyphpoolError, type Page } from "glyphpool";
import { GlyphpoolClient } from "glyphpool/client";
export async function read(file: Blob): Promise<string> {
  await using engine = await createEngine({ language: "en", base: { workers: "/w/" } });
  const page: Page = await engine.read(file);
  for await (const { number, text } of engine.pages(file, { pages: "1-5" })) console.log(number, text);
  return page.lines[0]?.words?.[0]?.text ?? page.text;
}
export const code = (error: unknown): string => (GlyphpoolError.is(error) ? error.code : "");
export type Client = GlyphpoolClient;
// @ts-expect-error is not an option
void createEngine({ langage: "en" });
`;

const ELEMENT = `
import "glyphpool/element";
const reader = document.createElement("glyphpool-reader");
reader.addEventListener("page", ({ detail }) => console.log(detail.page.text.length, detail.index.toFixed()));
reader.addEventListener("error", ({ detail }) => console.log(detail.code));
reader.addEventListener("click", (event) => console.log(event.clientX));
// @ts-expect-error has no such detail
reader.addEventListener("page", ({ detail }) => detail.nothing);
`;

const REACT = `
import "glyphpool/react";
export const App = () => <glyphpool-reader src="scan.png" structure="tables" idle-timeout={0} />;
// @ts-expect-error is not an attribute value
export const Wrong = () => <glyphpool-reader src={7} />;
`;

const OPTIONS = {
  target: "ES2022",
  lib: ["ES2022", "DOM"],
  module: "ESNext",
  moduleResolution: "Bundler",
  strict: true,
  noEmit: true,
  skipLibCheck: false,
  types: [],
  jsx: "react-jsx",
};

const folder = mkdtempSync(join(tmpdir(), "glyphpool-consumers-"));
const npm = (args, cwd) => run("npm", [...args, "--no-audit", "--no-fund", "--silent"], { cwd });
try {
  if (!runScript("build")) throw new Error("The build has failed.");
  const { file } = pack(folder);
  let failed = 0;
  const wanted = process.argv.slice(2);
  for (const version of wanted.length > 0 ? wanted : VERSIONS) {
    const project = join(folder, `typescript-${version}`);
    mkdirSync(project);
    const write = (name, text) => writeFileSync(join(project, name), text);
    write("package.json", JSON.stringify({ private: true, type: "module" }));
    write("library.ts", LIBRARY);
    write("element.ts", ELEMENT);
    write("react.tsx", REACT);
    write(
      "tsconfig.json",
      JSON.stringify({ compilerOptions: OPTIONS, include: ["*.ts", "*.tsx"] }),
    );
    const packages = [`typescript@${version}`, "@types/react@19", file];
    const ok =
      npm(["install", ...packages], project) &&
      run(process.execPath, [join("node_modules", "typescript", "bin", "tsc")], { cwd: project });
    console.log(`TypeScript ${version}: ${ok ? "ok" : "FAILED"}`);
    if (!ok) failed++;
  }
  process.exitCode = failed > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
