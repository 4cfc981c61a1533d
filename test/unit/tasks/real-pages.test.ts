/**
 * What only a browser under remote control can show: the back/forward cache and a crashed tab.
 * Needs an installed Chromium and skips without one.
 */
import { fileURLToPath } from "node:url";
import { chromium } from "playwright";
import type { Browser, BrowserContext, Page } from "playwright";
import { createServer } from "vite";
import type { ViteDevServer } from "vite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { CHROME_FLAGS, findInstalledChromes } from "../../../scripts/chrome.mjs";

interface Mark {
  readonly log: string[];
  /** What the browser really sent. */
  readonly events: string[];
  readonly shares: { readonly at: number; readonly megabytes: number }[];
  share(): number;
}

const [executablePath] = findInstalledChromes();
if (!executablePath) console.warn("No Chromium is installed: the tests of real pages are skipped.");

describe.skipIf(!executablePath)("real pages", () => {
  let server: ViteDevServer;
  let origin: string;
  let browser: Browser;
  let context: BrowserContext;

  beforeAll(async () => {
    server = await createServer({
      configFile: false,
      root: fileURLToPath(new URL("../../..", import.meta.url)),
      logLevel: "error",
      // Nothing to optimise, no folder of its own in node_modules, no watcher.
      optimizeDeps: { noDiscovery: true },
      server: { host: "127.0.0.1", port: 0, ws: false, hmr: false, watch: null },
    });
    await server.listen();
    origin = server.resolvedUrls?.local[0] ?? "";
    browser = await chromium.launch({
      args: CHROME_FLAGS,
      // Automation switches the cache off that this test is about.
      ignoreDefaultArgs: ["--disable-back-forward-cache"],
      ...(executablePath ? { executablePath } : {}),
    });
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  beforeEach(async () => {
    context = await browser.newContext();
    const script = `<script type="module" src="/test/unit/tasks/real-pages.page.ts"></script>`;
    await context.route("**/page.html", (route) =>
      route.fulfill({ contentType: "text/html", body: `<!doctype html>${script}` }),
    );
    await context.route("**/elsewhere.html", (route) =>
      route.fulfill({ contentType: "text/html", body: "<!doctype html>elsewhere" }),
    );
  });

  afterEach(() => context.close());

  async function open(): Promise<Page> {
    const page = await context.newPage();
    await page.goto(`${origin}page.html`);
    await page.waitForFunction("window.page");
    return page;
  }

  const mark = <T>(page: Page, read: (mark: Mark) => T): Promise<T> =>
    page.evaluate(`(${read.toString()})(window.page)`);

  const haveShares = (pages: readonly Page[], megabytes: number): Promise<void> =>
    vi.waitFor(
      async () => {
        const shares = await Promise.all(pages.map((page) => mark(page, (own) => own.share())));
        expect(shares).toEqual(pages.map(() => megabytes));
      },
      { timeout: 20_000, interval: 10 },
    );

  it("in the back/forward cache they hold no share, and take part again when they come back", async () => {
    const [first, second] = [await open(), await open()];
    await haveShares([first, second], 300);
    await first.goto(`${origin}elsewhere.html`);
    await haveShares([second], 600);
    // Not goBack(), which waits for a load: a page from the cache is not loaded.
    await first.evaluate(() => history.back());
    await first.waitForFunction("window.page");
    await haveShares([first, second], 300);
    // The very page that was put aside. It was hidden and frozen, and torn down once for both.
    expect(await mark(first, ({ events }) => events)).toEqual([
      "pagehide",
      "freeze",
      "resume",
      "pageshow",
    ]);
    expect(await mark(first, ({ log }) => log)).toEqual(["teardown", "resume"]);
    await first.goto(`${origin}page.html`);
    await haveShares([first, second], 300);
    expect(await mark(first, ({ log }) => log)).toEqual([]);
  });

  it("crashed or closed they are noticed by the others", async () => {
    const [first, second, third] = [await open(), await open(), await open()];
    await haveShares([first, second, third], 200);
    const crashed = new Promise((resolve) => first.once("crash", resolve));
    const killed = Date.now();
    // Never answered: there is nobody left to answer.
    void first.goto("chrome://crash").catch(() => undefined);
    await crashed;
    await haveShares([second, third], 300);
    const noticed = await mark(second, ({ shares }) => shares.at(-1)?.at ?? 0);
    console.log(`a crashed tab was noticed after ${noticed - killed} ms`);
    await third.close();
    await haveShares([second], 600);
    expect(await mark(second, ({ log }) => log)).toEqual([]);
  });
});
