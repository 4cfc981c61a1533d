// `npm run check:package`: build, pack, and let publint and attw judge the packed file.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run, runScript } from "./setup.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "glyphpool-pack-"));
const npm = process.env.npm_execpath?.endsWith("npm-cli.js")
  ? [process.execPath, process.env.npm_execpath]
  : ["npm"];

function pack() {
  const [command, ...args] = [
    ...npm,
    "pack",
    "--ignore-scripts",
    "--json",
    "--pack-destination",
    folder,
  ];
  const { stdout, status } = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    shell: process.platform === "win32",
  });
  if (status !== 0) return undefined;
  const answer = JSON.parse(stdout);
  const [summary] = Array.isArray(answer) ? answer : Object.values(answer);
  return summary;
}

function check() {
  if (!runScript("build")) return false;
  const packed = pack();
  if (!packed) return false;
  const names = packed.files.map((file) => file.path);
  const stray = names.filter((name) => /^(test|scripts|src|demo|docs)\//.test(name));
  if (stray.length > 0) {
    console.error(`The package contains what it should not:\n${stray.join("\n")}`);
    return false;
  }
  console.log(`${packed.filename}: ${names.length} files, ${(packed.size / 1e6).toFixed(1)} MB`);
  const file = join(folder, packed.filename);
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
