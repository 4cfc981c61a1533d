// The packed package of what is in dist/.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const npm = process.env.npm_execpath?.endsWith("npm-cli.js")
  ? [process.execPath, process.env.npm_execpath]
  : ["npm"];

/**
 * Packs dist/ as it is; build it before.
 *
 * @param folder where the file goes
 * @returns its path, what npm tells of it, and the paths in it
 */
export function pack(folder) {
  const options = ["--ignore-scripts", "--json", "--pack-destination", folder];
  const [command, ...args] = [...npm, "pack", ...options];
  const { stdout, status } = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    shell: process.platform === "win32",
  });
  if (status !== 0) throw new Error("npm pack has failed.");
  const answer = JSON.parse(stdout);
  const [summary] = Array.isArray(answer) ? answer : Object.values(answer);
  const names = summary.files.map(({ path }) => path);
  return {
    file: join(folder, summary.filename),
    size: summary.size,
    unpacked: summary.unpackedSize,
    names,
  };
}
