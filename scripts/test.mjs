// `npm test`: everything that has to hold, in order, stopping at the first step that fails.
// The last line is `N passed, N failed, N skipped`, summed over the four test runs.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { staleInstall } from "./installed.mjs";

const stale = staleInstall(fileURLToPath(new URL("..", import.meta.url)));
if (stale) {
  console.error(`${stale} Run: npm ci`);
  console.log("0 passed, 1 failed, 0 skipped");
  process.exit(1);
}
// Only now: it imports packages.
const { runScript, setup } = await import("./setup.mjs");

const STEPS = [
  ["Formatting", "check:format"],
  ["Lint", "lint"],
  ["Types (tsc)", "check:types"],
  ["Types (Deno)", "check:deno"],
  ["Unit tests (Node)", "test:unit"],
  ["Tests under Deno", "test:deno"],
  ["Tests in Chromium", "test:browser"],
  ["The demo in Chromium", "test:demo"],
  ["Sizes of the demo", "sizes"],
  ["Package", "check:package"],
  ["Bundle in Chromium", "check:bundle"],
];

const reports = mkdtempSync(join(tmpdir(), "glyphpool-reports-"));
const count = { passed: 0, failed: 0, skipped: 0 };

function heading(text) {
  console.log(`\n=== ${text} ===`);
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined; // the run ended before it could write one
  }
}

/** Runs one step; adds to the count where it is a test run. */
function step(script) {
  if (!script.startsWith("test:")) return runScript(script);
  const file = join(reports, `${script.slice(5)}.json`);
  const ok = runScript(script, [
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${file}`,
  ]);
  const report = readReport(file);
  count.passed += report?.numPassedTests ?? 0;
  count.failed += report?.numFailedTests ?? 0;
  count.skipped += (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  return ok && report !== undefined;
}

let failed;
heading("Setup");
try {
  await setup();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  failed = "Setup";
}

for (const [title, script] of failed ? [] : STEPS) {
  heading(`${title}: npm run ${script}`);
  const start = performance.now();
  const ok = step(script);
  console.log(
    `--- ${title}: ${ok ? "ok" : "FAILED"}, ${((performance.now() - start) / 1000).toFixed(1)} s`,
  );
  if (!ok) {
    failed = title;
    break;
  }
}

rmSync(reports, { recursive: true, force: true });
// A step that fails without a failing test is still a failure in the count.
if (failed && count.failed === 0) count.failed = 1;
heading(failed ? `FAILED: ${failed}` : "All steps passed");
console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
process.exitCode = failed ? 1 : 0;
