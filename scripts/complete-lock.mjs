// Adds to package-lock.json what npm leaves out of it: binaries for other platforms that the registry
// in use does not carry. `npm ci` refuses a lock without them. Run it after every `npm install`.
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));
const { "": root, ...packages } = lock.packages;
const SYSTEMS = /(^|-)(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)-/;
const PROCESSORS = /-(arm64|arm|x64|ia32|ppc64|riscv64|s390x|loong64|mips64el|wasm32)(-|$)/;

for (const parent of Object.values(packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const [path, platform] = [`node_modules/${name}`, name.split("/").at(-1)];
    const [system, processor] = [SYSTEMS.exec(platform)?.[2], PROCESSORS.exec(platform)?.[1]];
    if (packages[path] || !system || !processor || !/^\d+\.\d+\.\d+$/.test(version)) continue;
    const libc = /-(gnu|glibc)/.test(platform)
      ? "glibc"
      : /-musl/.test(platform)
        ? "musl"
        : undefined;
    packages[path] = {
      version,
      cpu: [processor],
      ...(parent.dev ? { dev: true } : {}),
      ...(system === "linux" && libc ? { libc: [libc] } : {}),
      optional: true,
      os: [system],
    };
    console.log(`added ${name}@${version}`);
  }
}

const sorted = Object.keys(packages).toSorted((a, b) => a.localeCompare(b, "en"));
lock.packages = { "": root, ...Object.fromEntries(sorted.map((path) => [path, packages[path]])) };
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
