import type { Browser, BrowserContext, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LINE, LINE_TEXT, drop, finished, launch, squeezed } from "./rig.ts";
import { ISOLATION, serve } from "./site.ts";
import type { Site } from "./site.ts";

/** As a content delivery network serves it. */
const CDN = {
  "Access-Control-Allow-Origin": "*",
  "Cross-Origin-Resource-Policy": "cross-origin",
  "Cache-Control": "max-age=3600",
};

let browser: Browser;
/** One for all, so that they share its cache. */
let context: BrowserContext;
let cdn: Site;

beforeAll(async () => {
  browser = await launch();
  context = await browser.newContext();
  cdn = await serve({ headers: CDN });
});
afterAll(async () => {
  await browser.close();
  await cdn[Symbol.asyncDispose]();
});

const html = (body: string): string =>
  `<!doctype html><html lang="en"><title>Host</title>
  <script type="module" src="${cdn.origin}/glyphpool-reader.js"></script>
  <form>${body}</form></html>`;

/** The policy that the documentation spells out, for a script of another origin. */
const policy = (): string =>
  [
    "default-src 'none'",
    `script-src ${cdn.origin} 'wasm-unsafe-eval'`,
    `worker-src blob: ${cdn.origin}`,
    `connect-src ${cdn.origin}`,
    "img-src blob:",
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types glyphpool",
  ].join("; ");

/** Opens a page of another origin that embeds the reader. */
async function embed(
  body: string,
  headers: Readonly<Record<string, string>>,
  use: (page: Page, host: Site) => Promise<void>,
): Promise<void> {
  const host = await serve({ pages: { "/": html(body) }, headers });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  try {
    await page.goto(host.origin);
    await page.waitForFunction(() => customElements.get("glyphpool-reader"));
    await use(page, host);
    expect(problems).toEqual([]);
  } catch (error) {
    throw new Error(`The page said: ${problems.join("; ") || "nothing"}`, { cause: error });
  } finally {
    await page.close();
    await host[Symbol.asyncDispose]();
  }
}

const value = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const form = document.querySelector("form");
    const text = new FormData(form as HTMLFormElement).get("text");
    return typeof text === "string" ? text : "";
  });

const info = (page: Page): Promise<{ threads: number; runtime: string }> =>
  page.evaluate(async () => {
    const engine = await document.querySelector("glyphpool-reader")?.engine();
    return { threads: engine?.info.threads ?? 0, runtime: engine?.info.runtime ?? "" };
  });

describe("the element on a page of another origin", () => {
  it.each([
    ["plain", "jspi", false, false],
    ["cross-origin isolated, under a strict Content-Security-Policy", "jspi", true, true],
    ["with Asyncify", "asyncify", true, false],
  ] as const)("reads: %s", async (_, runtime, isolated, strict) => {
    const base = `${cdn.origin}/assets/`;
    const tag = `<glyphpool-reader name="text" backend="wasm" runtime="${runtime}" base="${base}"></glyphpool-reader>`;
    const headers = {
      ...(isolated ? ISOLATION : {}),
      ...(strict ? { "Content-Security-Policy": policy() } : {}),
    };
    await embed(tag, headers, async (page) => {
      await drop(page, [LINE]);
      expect(await finished(page)).toBe("1 page read.");
      expect(squeezed(await value(page))).toBe(LINE_TEXT);
      const { threads, ...found } = await info(page);
      expect({ ...found, several: threads > 1 }).toEqual({ runtime, several: isolated });
    });
  });

  it("is one engine for two readers, however often they are mounted", async () => {
    const tag = `<glyphpool-reader name="text" backend="wasm"></glyphpool-reader>`;
    await embed(tag + tag.replace("text", "other"), {}, async (page) => {
      const same = await page.evaluate(async () => {
        const [one, two] = document.querySelectorAll("glyphpool-reader");
        if (!one || !two) return false;
        const engine = await one.engine();
        const parent = two.parentNode;
        two.remove();
        parent?.append(two);
        one.remove();
        await new Promise((resolve) => {
          setTimeout(resolve, 50);
        });
        parent?.prepend(one);
        return (await two.engine()) === engine && (await one.engine()) === engine;
      });
      expect(same).toBe(true);
      expect(page.workers()).toHaveLength(1);
    });
  });

  it("reads again what it was reading when it was taken out of the page", async () => {
    const tag = `<glyphpool-reader name="text" backend="wasm"></glyphpool-reader>`;
    await embed(tag, {}, async (page) => {
      await drop(page, [LINE]);
      await page.evaluate(async () => {
        const reader = document.querySelector("glyphpool-reader");
        const parent = reader?.parentNode;
        reader?.remove();
        await new Promise((resolve) => {
          setTimeout(resolve, 50);
        });
        if (reader) parent?.append(reader);
      });
      expect(await finished(page)).toBe("1 page read.");
      expect(page.workers()).toHaveLength(1);
    });
  });

  it("shares one budget with another tab", async () => {
    const tag = `<glyphpool-reader name="text" backend="wasm" budget="400MiB"></glyphpool-reader>`;
    await embed(tag, {}, async (page, host) => {
      const other = await context.newPage();
      await other.goto(host.origin);
      for (const tab of [page, other]) {
        await tab.evaluate(async () => {
          const engine = await document.querySelector("glyphpool-reader")?.engine();
          await engine?.preload({ roles: ["orientation"] });
        });
      }
      const budgetOf = (tab: Page): Promise<number> =>
        tab.evaluate(async () => {
          const engine = await document.querySelector("glyphpool-reader")?.engine();
          return engine?.memory.snapshot().budget ?? 0;
        });
      const sum = async (): Promise<number> => (await budgetOf(page)) + (await budgetOf(other));
      await expect.poll(sum).toBeLessThanOrEqual(400 * 2 ** 20);
    });
  });

  it("is a form control: required, reset, disabled; and tells of pages, progress and errors", async () => {
    const tag = `<glyphpool-reader name="text" backend="wasm" required></glyphpool-reader>`;
    await embed(tag, {}, async (page) => {
      await page.evaluate(() => {
        const heard: string[] = [];
        Object.assign(globalThis, { heard });
        for (const type of ["page", "progress", "level", "error", "change"]) {
          document.addEventListener(type, () => heard.push(type));
        }
      });
      const valid = (): Promise<boolean> =>
        page.evaluate(() => document.querySelector("form")?.checkValidity() ?? false);
      expect(await valid()).toBe(false);
      await drop(page, [LINE]);
      await finished(page);
      expect(await valid()).toBe(true);
      await page.evaluate(async () => {
        const engine = await document.querySelector("glyphpool-reader")?.engine();
        await engine?.memory.setBudget("1MiB");
        await engine?.memory.setBudget();
      });
      await page.evaluate(() => document.querySelector("form")?.reset());
      expect(await value(page)).toBe("");
      const damaged = {
        name: "damaged.pdf",
        type: "application/pdf",
        bytes: LINE.bytes.subarray(0, 99),
      };
      await drop(page, [{ ...damaged, bytes: new TextEncoder().encode("%PDF-1.7 nothing") }]);
      await finished(page);
      const heard = await page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard);
      expect(new Set(heard)).toEqual(new Set(["page", "progress", "level", "change", "error"]));
    });
  });
});
