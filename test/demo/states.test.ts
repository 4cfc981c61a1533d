import type { Browser, BrowserContext, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LINE, drop, finished, launch, notice, picture, press } from "./rig.ts";
import { ISOLATION, serve } from "./site.ts";
import type { Site } from "./site.ts";

let browser: Browser;
let site: Site;
let context: BrowserContext;
let page: Page;
/** Bytes that came over the network, by address. */
const loaded = new Map<string, number>();

beforeAll(async () => {
  browser = await launch();
  site = await serve({ headers: ISOLATION });
  context = await browser.newContext({ serviceWorkers: "block" });
  page = await context.newPage();
  page.on("requestfinished", (request) => {
    void request
      .sizes()
      .then(({ responseBodySize }) => loaded.set(request.url(), responseBodySize));
  });
  await page.goto(`${site.origin}/?backend=wasm`, { waitUntil: "networkidle" });
});
afterAll(async () => {
  await browser.close();
  await site[Symbol.asyncDispose]();
});

const desk = (name: string): Promise<boolean> =>
  page
    .locator("glyphpool-reader .desk")
    .first()
    .evaluate((node, of) => node.classList.contains(of), name);

describe("what the demo shows", () => {
  it("loads neither runtime nor models before a file is chosen", () => {
    expect(loaded.size).toBeGreaterThan(2);
    expect([...loaded.keys()].filter((url) => /\.(wasm|onnx)/.test(url))).toEqual([]);
    const sum = [...loaded.values()].reduce((total, bytes) => total + bytes, 0);
    // The server of the tests does not compress.
    expect(sum).toBeLessThan(400_000);
  });

  it("shows the drop zone without scrolling, and says at once what is wrong with a file", async () => {
    await page.setViewportSize({ width: 1280, height: 720 });
    const zone = await page.getByText("Drop a picture or a PDF here").boundingBox();
    expect(zone?.y).toBeLessThan(480);
    const text = { name: "letter.pdf", type: "application/pdf", bytes: new Uint8Array([72, 105]) };
    await drop(page, [text]);
    expect(await finished(page)).toMatch(/neither a picture .* nor a PDF/);
    expect(await notice(page).getAttribute("role")).toBe("alert");
  });

  it("tells a failed page apart from those that were read, without names of options", async () => {
    const cut = { ...LINE, name: "cut.png", bytes: LINE.bytes.subarray(0, LINE.bytes.length / 2) };
    await drop(page, [cut]);
    expect(await finished(page)).toMatch(/damaged or incomplete/);
    expect(await desk("empty")).toBe(true);
    expect(await page.locator("glyphpool-reader .copy").first().isDisabled()).toBe(true);
    await drop(page, [LINE, cut]);
    expect(await finished(page)).toMatch(/^1 page read, 1 page could not be read\. .*damaged/);
    expect(await page.getByRole("button", { name: "Copy" }).isDisabled()).toBe(false);
  });

  it("shows the picture before its text is read", async () => {
    await page.evaluate(() => {
      const root = document.querySelector("glyphpool-reader")?.shadowRoot;
      const seen = { early: false };
      Object.assign(globalThis, { seen });
      new MutationObserver(() => {
        const shown = root?.querySelector(".sheet .picture") && !root.querySelector(".sheet .word");
        if (shown && root?.querySelector(".desk.busy")) seen.early = true;
      }).observe(root as ShadowRoot, { childList: true, subtree: true });
    });
    await drop(page, [picture("letter.png")]);
    await finished(page);
    expect(await page.evaluate(() => (globalThis as unknown as { seen: object }).seen)).toEqual({
      early: true,
    });
    expect(await desk("empty")).toBe(false);
  });

  it("turns a page that lies on its side, and by hand", async () => {
    const turned = await page.evaluate(
      async (bytes) => {
        const image = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
        const canvas = new OffscreenCanvas(image.height, image.width);
        const pen = canvas.getContext("2d");
        pen?.translate(image.height, 0);
        pen?.rotate(Math.PI / 2);
        pen?.drawImage(image, 0, 0);
        return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
      },
      [...picture("letter.png").bytes],
    );
    await drop(page, [{ name: "turned.png", type: "image/png", bytes: new Uint8Array(turned) }]);
    expect(await finished(page)).toBe("1 page read.");
    const sheet = page.locator("glyphpool-reader .sheet").first();
    const size = async (): Promise<number> => {
      const box = await sheet.boundingBox();
      return (box?.height ?? 0) / (box?.width ?? 1);
    };
    // Upright on the screen, although the picture lies.
    expect(await size()).toBeGreaterThan(1.2);
    const word = page.locator("glyphpool-reader .word").first();
    const box = await word.boundingBox();
    expect((box?.width ?? 0) / (box?.height ?? 1)).toBeGreaterThan(1);
    await press(page, "Turn the page");
    await expect.poll(size).toBeLessThan(1);
  }, 60_000);
});
