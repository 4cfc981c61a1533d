import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LINE, LINE_TEXT, drop, finished, launch, panelText, press, squeezed } from "./rig.ts";
import { ISOLATION, serve } from "./site.ts";
import type { Site } from "./site.ts";

const axe: string = readFileSync(
  createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
  "utf8",
);

let browser: Browser;
let site: Site;

beforeAll(async () => {
  browser = await launch();
  site = await serve({ headers: ISOLATION });
});
afterAll(async () => {
  await browser.close();
  await site[Symbol.asyncDispose]();
});

/** Rules that are broken, with the nodes that break them. */
async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(async () => {
    const { axe: checker } = globalThis as unknown as { axe: { run(): Promise<AxeResults> } };
    return await checker.run();
  });
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ target }) => `${id} (${impact}): ${JSON.stringify(target)}`),
  );
}

describe("the site", () => {
  it("has no fault that axe knows of: light and dark, empty and not, on a desk and on a phone", async () => {
    const context = await browser.newContext({ colorScheme: "light", serviceWorkers: "block" });
    const page = await context.newPage();
    await page.goto(`${site.origin}/?backend=wasm`);
    expect(await faults(page)).toEqual([]);
    await drop(page, [LINE, LINE]);
    expect(await finished(page)).toBe("2 pages read.");
    await press(page, "Confidence");
    await press(page, "Blocks");
    expect(await faults(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: "dark" });
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await faults(page)).toEqual([]);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wide).toBeLessThanOrEqual(0);
    await context.close();
  });

  it("offers a photo where there is a camera at hand", async () => {
    const context = await browser.newContext({ hasTouch: true, serviceWorkers: "block" });
    const page = await context.newPage();
    await page.goto(site.origin);
    const photo = page.getByRole("button", { name: "Take a photo" }).first();
    expect(await photo.isVisible()).toBe(true);
    const chooser = page.waitForEvent("filechooser");
    await photo.click();
    const field = (await chooser).element();
    expect(await field.getAttribute("capture")).toBe("environment");
    await context.close();
  });

  it("works from a sub-path without any header, and without a server after the first visit", async () => {
    const plain = await serve({ prefix: "/a/b/" });
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${plain.origin}/a/b/?backend=wasm`);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    await drop(page, [LINE]);
    expect(await finished(page)).toBe("1 page read.");
    await expect
      .poll(() => page.locator("#offline").innerText(), { timeout: 20_000 })
      .toBe("ready");
    await plain[Symbol.asyncDispose]();
    await page.reload();
    expect(await page.locator("#offline").innerText()).toBe("after the first file");
    // The service worker gives the headers that the host does not.
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await drop(page, [LINE]);
    expect(await finished(page)).toBe("1 page read.");
    expect(squeezed(await panelText(page).innerText())).toContain(LINE_TEXT);
    await context.close();
  });
});
