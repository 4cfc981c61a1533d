/**
 * What each step of the recovery gives back in Chromium, in a built and cross-origin isolated page.
 * `node test/bench/recovery/chromium.mjs --backend wasm|webgpu`
 */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright";
import { CHROME_FLAGS } from "../../../scripts/chrome.mjs";
import { buildPage } from "../build-page.ts";
import { launchChromium } from "../chromium.ts";
import { SMALL_REGIONS } from "../leak/tasks.ts";
import { complaints, format, parseBackend, runRecovery } from "./run.ts";
import { startServer } from "../server.ts";
import { sharedFolder } from "../datasets.ts";
import type { Subject, Task } from "./subject.ts";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));

export async function main(args: readonly string[]): Promise<number> {
  const backend = parseBackend(args);
  const site = join(FOLDER, `../out/recovery-${backend}`);
  await buildPage({ root: FOLDER, input: join(FOLDER, "recovery.html"), outDir: site });
  copyFileSync(join(FOLDER, "../../../demo/sample.png"), join(site, "sample.png"));
  const server = await startServer({ shared: sharedFolder(), site, runtime: site });
  const chromium = await launchChromium(`${server.origin}/blank.html`, CHROME_FLAGS);
  try {
    const { page } = chromium;
    page.on("pageerror", (error) => console.error(error));
    await page.goto(`${server.origin}/recovery.html`);
    await page.waitForFunction(() => window.recoverySubject !== undefined);
    const image = `${server.origin}/sample.png`;
    const tasks: Task[] =
      backend === "wasm" ? [{ image }] : SMALL_REGIONS.map((region) => ({ image, region }));
    const name = `Chromium ${chromium.version}`;
    const result = await runRecovery(name, backend, remote(page), tasks, {
      processBytes: async () => {
        await chromium.collectGarbage();
        return (await chromium.usage()).anon;
      },
      log: (line) => console.error(line),
    });
    console.log(format(result));
    const wrong = complaints(result, backend);
    for (const complaint of wrong) console.error(`FAILED: ${complaint}`);
    return wrong.length === 0 ? 0 : 1;
  } finally {
    await chromium.close();
    await server.close();
  }
}

/** A subject whose every call is a call in the page. */
function remote(page: Page): Subject {
  return {
    open: (backend) => page.evaluate((one) => window.recoverySubject!.open(one), backend),
    read: (task) => page.evaluate((one) => window.recoverySubject!.read(one), task),
    held: () => page.evaluate(() => window.recoverySubject!.held()),
    recover: (step) => page.evaluate((one) => window.recoverySubject!.recover(one), step),
    close: () => page.evaluate(() => window.recoverySubject!.close()),
  };
}
