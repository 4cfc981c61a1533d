/**
 * A crash of the whole GPU process, in a browser of its own, because its GPU does not come back after the
 * second one. Needs an installed Chromium and skips without one.
 */
import { fileURLToPath } from "node:url";
import { chromium } from "playwright";
import type { Browser, CDPSession, Page } from "playwright";
import { createServer } from "vite";
import type { ViteDevServer } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROME_FLAGS, findInstalledChromes } from "../../../scripts/chrome.mjs";
import type { CrashPage, Outcome } from "../../faults/gpu-crash.page.ts";

const [executablePath] = findInstalledChromes();
if (!executablePath) console.warn("No Chromium is installed: the crash of its GPU is not tested.");

describe.skipIf(!executablePath)("an engine whose GPU process crashes", () => {
  let server: ViteDevServer;
  let browser: Browser;
  let page: Page;
  let devTools: CDPSession;

  beforeAll(async () => {
    server = await createServer({
      configFile: false,
      root: fileURLToPath(new URL("../../..", import.meta.url)),
      logLevel: "error",
      worker: { format: "es" },
      // Nothing to optimise, no folder of its own in node_modules, no watcher.
      optimizeDeps: { noDiscovery: true },
      server: { host: "127.0.0.1", port: 0, ws: false, hmr: false, watch: null },
    });
    await server.listen();
    const origin = server.resolvedUrls?.local[0] ?? "";
    browser = await chromium.launch({
      args: CHROME_FLAGS,
      ...(executablePath ? { executablePath } : {}),
    });
    devTools = await browser.newBrowserCDPSession();
    page = await browser.newPage();
    page.on("pageerror", (error) => console.error(error));
    const script = `<script type="module" src="/test/faults/gpu-crash.page.ts"></script>`;
    await page.route("**/page.html", (route) =>
      route.fulfill({ contentType: "text/html", body: `<!doctype html>${script}` }),
    );
    await page.goto(`${origin}page.html`);
    await page.waitForFunction("window.page");
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const read = (): Promise<Outcome> => page.evaluate("window.page.read()");
  const insist = (): ReturnType<CrashPage["insist"]> => page.evaluate("window.page.insist()");

  async function gpuProcess(): Promise<number | undefined> {
    const { processInfo } = await devTools.send("SystemInfo.getProcessInfo");
    return processInfo.find(({ type }) => type === "GPU")?.id;
  }

  async function crash(): Promise<void> {
    const before = await gpuProcess();
    // Answered only by a process that is no more.
    void devTools.send("Browser.crashGpuProcess").catch(() => undefined);
    await expect.poll(gpuProcess, { timeout: 20_000 }).not.toBe(before);
  }

  it("reads on with a new device, and on wasm when there is no GPU any more", async () => {
    expect(await read()).toMatchObject({ text: "42", backend: "webgpu", spawns: 1 });
    const warm = await read();

    await crash();
    const first = await read();
    expect(first).toMatchObject({ text: "42", backend: "webgpu", spawns: 2 });

    await crash();
    const second = await read();
    expect(second).toMatchObject({ text: "42", backend: "wasm" });
    console.info(
      `a warm read ${ms(warm)}; after the first crash ${ms(first)}, on ${first.backend}; ` +
        `after the second ${ms(second)}, on ${second.backend}: ${second.reason}`,
    );
    expect(await insist()).toBe("BACKEND_UNAVAILABLE");
    expect(await read()).toMatchObject({ text: "42", backend: "wasm", spawns: second.spawns });
  }, 200_000);
});

const ms = ({ took }: Outcome): string => `${took.toFixed(0)} ms`;
