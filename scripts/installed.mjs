// Whether node_modules is what package-lock.json says. Run alone it exits with 1 and says why where it is not.
// Needs nothing but Node, because it runs before anything may be installed.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages ?? {};
  } catch {
    return undefined;
  }
}

/**
 * @param {string} root the folder of package-lock.json
 * @returns {string | undefined} what is wrong with node_modules, as a sentence; nothing where it is up to date
 */
export function staleInstall(root) {
  const wanted = packagesOf(join(root, "package-lock.json"));
  if (!wanted) return "package-lock.json cannot be read.";
  // npm writes what it has installed; nothing there was installed by hand or not at all.
  const installed = packagesOf(join(root, "node_modules", ".package-lock.json"));
  if (!installed) return "node_modules is missing, or was not made by npm.";
  for (const [path, { version, integrity, optional, link }] of Object.entries(wanted)) {
    if (path === "" || link) continue;
    const name = path.replace(/^.*node_modules\//, "");
    const found = installed[path];
    if (!found) {
      // Binaries of other platforms are left out.
      if (optional) continue;
      return `node_modules lacks ${name} ${version}.`;
    }
    if (found.version !== version || found.integrity !== integrity) {
      return `node_modules has ${name} ${found.version}, but package-lock.json wants ${version}.`;
    }
  }
  const extra = Object.keys(installed).find((path) => !wanted[path]);
  return extra && `node_modules has ${extra.slice("node_modules/".length)}, which is not wanted.`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const reason = staleInstall(fileURLToPath(new URL("..", import.meta.url)));
  if (reason) {
    console.error(reason);
    process.exitCode = 1;
  }
}
