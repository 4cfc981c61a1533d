/** Builds the demo once for all files. With GLYPHPOOL_DEMO_BUILT=1 the build that is there is taken. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DIST } from "./site.ts";

const script: string = fileURLToPath(new URL("../../scripts/build-demo.mjs", import.meta.url));

export function setup(): void {
  const built = existsSync(join(DIST, "index.html"));
  if (built && process.env["GLYPHPOOL_DEMO_BUILT"] === "1") return;
  const { status } = spawnSync(process.execPath, [script], { stdio: "inherit" });
  if (status !== 0) throw new Error("The demo could not be built.");
}
