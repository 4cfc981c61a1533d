import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { staleInstall } from "../../scripts/installed.mjs";

const here = fileURLToPath(new URL("../..", import.meta.url));

interface Entry {
  readonly version: string;
  readonly integrity?: string;
  readonly optional?: boolean;
}

const LOCK: Readonly<Record<string, Entry>> = {
  "": { version: "0.1.0" },
  "node_modules/a": { version: "1.0.0", integrity: "sha512-a" },
  "node_modules/a/node_modules/b": { version: "2.0.0", integrity: "sha512-b" },
  "node_modules/for-another-platform": { version: "3.0.0", optional: true },
};

let root = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "glyphpool-installed-"));
  write("package-lock.json", LOCK);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(file: string, packages: Readonly<Record<string, Entry>>): void {
  writeFileSync(join(root, file), JSON.stringify({ packages }));
}

/** What npm writes down: the lock file without the project itself and other platforms' packages. */
function install(changes: Readonly<Record<string, Entry | undefined>> = {}): void {
  mkdirSync(join(root, "node_modules"), { recursive: true });
  const { "": _project, "node_modules/for-another-platform": _other, ...packages } = LOCK;
  const all = Object.entries({ ...packages, ...changes }).filter(([, entry]) => entry);
  write("node_modules/.package-lock.json", Object.fromEntries(all) as Record<string, Entry>);
}

describe("node_modules", () => {
  it("is up to date when it is what the lock file says", () => {
    install();
    expect(staleInstall(root)).toBeUndefined();
  });

  it.each<[string, Parameters<typeof install>[0], RegExp]>([
    ["another version", { "node_modules/a": { version: "0.9.0" } }, /a 0\.9\.0.*wants 1\.0\.0/],
    ["other bytes", { "node_modules/a": { version: "1.0.0", integrity: "sha512-x" } }, /wants 1/],
    ["less", { "node_modules/a/node_modules/b": undefined }, /lacks b 2\.0\.0/],
    ["more", { "node_modules/c": { version: "1.0.0" } }, /has c, which is not wanted/],
  ])("is stale when it has %s", (_, changes, why) => {
    install(changes);
    expect(staleInstall(root)).toMatch(why);
  });

  it("is stale when it is not there, or not npm's", () => {
    expect(staleInstall(root)).toMatch(/missing/);
    mkdirSync(join(root, "node_modules"));
    expect(staleInstall(root)).toMatch(/not made by npm/);
  });
});

describe.skipIf(process.platform === "win32")("in a copy of the repository", () => {
  /** What is called instead of npm writes its arguments down, and installs. */
  function copy(): void {
    for (const file of ["scripts", ".ci"])
      cpSync(join(here, file), join(root, file), { recursive: true });
    mkdirSync(join(root, "bin"));
    const npm = `#!/bin/sh\necho "$@" >> ${root}/calls\n`;
    writeFileSync(join(root, "bin/npm"), npm);
    chmodSync(join(root, "bin/npm"), 0o755);
  }

  const env = (): NodeJS.ProcessEnv => ({
    ...process.env,
    PATH: `${join(root, "bin")}${delimiter}${process.env["PATH"] ?? ""}`,
  });

  it.each([
    [
      "stale packages are installed anew",
      { "node_modules/a": { version: "0.9.0" } },
      ["ci", "test"],
    ],
    ["others are left alone", {}, ["test"]],
  ])("CI: %s", (_, changes, calls) => {
    copy();
    install(changes);
    const { status } = spawnSync(join(root, ".ci/run"), { env: env(), encoding: "utf8" });
    expect(status).toBe(0);
    expect(readFileSync(join(root, "calls"), "utf8").trim().split("\n")).toEqual(calls);
  });

  it("npm test: stale packages fail at once, with what to do", () => {
    copy();
    install({ "node_modules/a": { version: "0.9.0" } });
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, "scripts/test.mjs")],
      { env: env(), encoding: "utf8" },
    );
    expect(status).toBe(1);
    expect(stderr).toContain("npm ci");
    expect(stdout.trim()).toBe("0 passed, 1 failed, 0 skipped");
  });
});
