import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

interface Lock {
  packages: Record<string, { optionalDependencies?: Record<string, string> }>;
}

/** Without an entry for every platform `npm ci` refuses the lock file on a fresh machine. */
it("package-lock.json lists the binaries of all platforms (else: node scripts/complete-lock.mjs)", () => {
  const lock = new URL("../../package-lock.json", import.meta.url);
  const { packages } = JSON.parse(readFileSync(lock, "utf8")) as Lock;
  const wanted = Object.values(packages).flatMap(({ optionalDependencies }) =>
    Object.keys(optionalDependencies ?? {}),
  );
  expect(wanted.filter((name) => !packages[`node_modules/${name}`])).toEqual([]);
});
