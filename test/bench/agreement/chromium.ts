/**
 * Do wasm and WebGPU read the same in Chromium, in a built and cross-origin isolated page?
 * `node test/bench/agreement/chromium.mjs [--build jspi,asyncify] [--lines 100]`
 */
import { copyFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium, type Page } from "playwright";
import { CHROME_FLAGS, findInstalledChromes } from "../../../scripts/chrome.mjs";
import { buildPage } from "../build-page.ts";
import { sharedFolder } from "../datasets.ts";
import { startServer, type BenchServer } from "../server.ts";
import { measure, parseOptions } from "./measure.ts";
import { planParts, weightsFolder } from "./plan.ts";
import type { Reader } from "./reader.ts";
import { complaints, describe, formatTable } from "./report.ts";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const SITE = join(FOLDER, "../out/agreement");

export async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  const shared = sharedFolder();
  if (weightsFolder(shared) === undefined) {
    console.error("Skipped, nothing compared: no models/ppocrv6_tiny in the shared folder.");
    return 0;
  }
  const [executablePath] = findInstalledChromes();
  if (executablePath === undefined) {
    throw new Error("No Chromium found: set GLYPHPOOL_CHROMIUM to its path.");
  }
  await buildPage({ root: FOLDER, input: join(FOLDER, "agreement.html"), outDir: SITE });
  const server = await startServer({ shared, site: SITE, runtime: SITE });
  const browser = await chromium.launch({ executablePath, args: CHROME_FLAGS });
  try {
    const page = await browser.newPage();
    page.on("pageerror", (error) => console.error(error));
    page.on("console", (message) => {
      if (message.type() === "error") console.error(message.text());
    });
    const reader = await openReader(page, server, shared);
    const results = await measure(reader, planParts(shared), options);
    console.log(formatTable(`Chromium ${browser.version()}`, results));
    console.log(`\n${describe(results)}`);
    const wrong = complaints(results);
    for (const complaint of wrong) console.error(`FAILED: ${complaint}`);
    return wrong.length === 0 ? 0 : 1;
  } finally {
    await browser.close();
    await server.close();
  }
}

/** A reader whose every call is a call in the page. */
async function openReader(page: Page, server: BenchServer, shared: string): Promise<Reader> {
  const { detection, recognition, orientation, dictionary } = server.models;
  await page.goto(`${server.origin}/agreement.html`);
  await page.waitForFunction(() => window.openReader !== undefined);
  if (!(await page.evaluate(() => crossOriginIsolated)))
    throw new Error("The page is not isolated.");
  await page.evaluate((weights) => window.openReader!(weights), {
    detection,
    recognition,
    orientation,
    dictionary,
  });
  const urlOf = (path: string): string => {
    if (path.startsWith(join(shared, "data"))) return server.imageUrl(path);
    copyFileSync(path, join(SITE, basename(path)));
    return `${server.origin}/${basename(path)}`;
  };
  return {
    open: (setup) => page.evaluate((options) => window.reader!.open(options), setup),
    read: (path, region) =>
      page.evaluate(([url, part]) => window.reader!.read(url, part), [
        urlOf(path),
        region,
      ] as const),
    models: () => page.evaluate(() => window.reader!.models()),
    close: () => page.evaluate(() => window.reader!.close()),
  };
}
