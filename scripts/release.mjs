// Prepares a release: node scripts/release.mjs 1.2.3
// Sets the version, names the changelog's section, commits and tags; pushes nothing.
// node scripts/release.mjs --check 1.2.3 only tells whether version and changelog agree, as CI asks before it publishes.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const git = (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();

/** The changelog with its `Unreleased` section named. @throws Error where there is nothing to release */
export function nameSection(changelog, version, date) {
  const [, body] = /^## \[Unreleased\]\n([\s\S]*?)(?=^## \[|$(?![\s\S]))/m.exec(changelog) ?? [];
  if (!body?.trim()) throw new Error("CHANGELOG.md has nothing under [Unreleased].");
  return changelog.replace("## [Unreleased]\n", `## [Unreleased]\n\n## [${version}] - ${date}\n`);
}

/** What keeps this version from being published; empty when nothing does. */
export function problemsOf(version, manifest, changelog) {
  const problems = [];
  if (manifest.version !== version) problems.push(`package.json has version ${manifest.version}.`);
  if (!changelog.includes(`## [${version}]`))
    problems.push(`CHANGELOG.md has no section [${version}].`);
  return problems;
}

function main([first, second]) {
  const checking = first === "--check";
  const version = checking ? second : first;
  if (!/^\d+\.\d+\.\d+(-[0-9a-z.]+)?$/.test(version ?? "")) {
    throw new Error("Name a version: node scripts/release.mjs 1.2.3");
  }
  const changelog = readFileSync(path("CHANGELOG.md"), "utf8");
  if (checking) {
    const manifest = JSON.parse(readFileSync(path("package.json"), "utf8"));
    const problems = problemsOf(version, manifest, changelog);
    if (problems.length > 0) throw new Error(problems.join("\n"));
    return;
  }
  if (git("status", "--porcelain") !== "")
    throw new Error("There are changes that are not committed.");
  if (git("tag", "--list", `v${version}`) !== "")
    throw new Error(`There is a tag v${version} already.`);
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(path("CHANGELOG.md"), nameSection(changelog, version, date));
  execFileSync("npm", ["version", version, "--no-git-tag-version"], {
    cwd: root,
    stdio: "inherit",
  });
  const software = path("src/output/software.ts");
  const line = /(SOFTWARE_VERSION = ")[^"]+/;
  writeFileSync(software, readFileSync(software, "utf8").replace(line, `$1${version}`));
  git("commit", "--all", "--message", `Release ${version}`);
  git("tag", "--annotate", `v${version}`, "--message", `Release ${version}`);
  console.log(`Committed and tagged v${version}. Look at it, then: git push --follow-tags`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    main(process.argv.slice(2));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
