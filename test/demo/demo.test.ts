import { readFile } from "node:fs/promises";
import type { Browser, BrowserContext, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodePng } from "../../src/image/png/decode.ts";
import { greyTiff } from "../fixtures/grey-tiff.ts";
import { pdfOf } from "./pdf.ts";
import {
  LINE,
  LINE_TEXT,
  drop,
  finished,
  launch,
  notice,
  paste,
  panelText,
  press,
  squeezed,
} from "./rig.ts";
import { ISOLATION, serve } from "./site.ts";
import type { Site } from "./site.ts";

let browser: Browser;
let site: Site;
let context: BrowserContext;
let page: Page;
/** All that the page asked the network for. */
const asked: { url: string; method: string }[] = [];
const problems: string[] = [];

beforeAll(async () => {
  browser = await launch();
  site = await serve({ prefix: "/some/path/", headers: ISOLATION });
  context = await browser.newContext({
    permissions: ["clipboard-read", "clipboard-write"],
    serviceWorkers: "block",
  });
  page = await context.newPage();
  page.on("request", (request) => asked.push({ url: request.url(), method: request.method() }));
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  await page.goto(`${site.origin}/some/path/?backend=wasm`);
});
afterAll(async () => {
  await browser.close();
  await site[Symbol.asyncDispose]();
});

const FORMATS = ["text", "md", "html", "json", "jsonl", "pdf", "hocr", "alto", "tsv"];

async function download(format: string): Promise<{ name: string; content: Buffer }> {
  await page.getByLabel("Format of the download").selectOption(format);
  const started = page.waitForEvent("download");
  await press(page, "Download");
  const file = await started;
  return { name: file.suggestedFilename(), content: await readFile(await file.path()) };
}

describe("the demo", () => {
  it("reads a picture that is dropped on it", async () => {
    await drop(page, [LINE]);
    expect(await finished(page)).toBe("1 page read.");
    expect(squeezed(await panelText(page).innerText())).toContain(LINE_TEXT);
    expect(await page.locator("#backend").innerText()).toMatch(/^WebAssembly, [2-4] threads$/);
  });

  it("lays the text exactly over the picture", async () => {
    const off = await page.evaluate(() => {
      const reader = document.querySelector("glyphpool-reader");
      const sheet = reader?.shadowRoot?.querySelector(".sheet")?.getBoundingClientRect();
      const spans = [...(reader?.shadowRoot?.querySelectorAll(".word") ?? [])];
      const [read] = reader?.pages ?? [];
      if (!reader || !sheet || !read) return [];
      const scale = sheet.width / read.width;
      const words = read.lines.flatMap((line) => line.words ?? []);
      const range = document.createRange();
      return words.flatMap(({ text, polygon }, i) => {
        const node = spans[i]?.firstChild as Text;
        range.setStart(node, 0);
        range.setEnd(node, text.length);
        const { left, right, top } = range.getBoundingClientRect();
        const xs = polygon.map(([x]) => sheet.left + x * scale);
        const ys = polygon.map(([, y]) => sheet.top + y * scale);
        return [left - Math.min(...xs), right - Math.max(...xs), top - Math.min(...ys)];
      });
    });
    expect(off.length).toBeGreaterThan(10);
    expect(Math.max(...off.map(Math.abs))).toBeLessThan(3);
  });

  it("gives what is selected on the page as text", async () => {
    const words = page.locator("glyphpool-reader .word");
    const [first, last] = [await words.first().boundingBox(), await words.last().boundingBox()];
    if (!first || !last) throw new Error("There are no words on the page.");
    await page.mouse.move(first.x + 1, first.y + first.height / 2);
    await page.mouse.down();
    await page.mouse.move(last.x + last.width - 1, last.y + last.height / 2, { steps: 5 });
    await page.mouse.up();
    await page.keyboard.press("Control+c");
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(squeezed(copied)).toBe(LINE_TEXT);
    expect(copied).toMatch(/order no/i);
  });

  it.each(["Text", "Markdown", "HTML", "JSON", "Reading"])("shows %s", async (name) => {
    await page.getByRole("tab", { name }).click();
    await expect.poll(() => panelText(page).innerText()).toMatch(/2204/);
  });

  it("copies", async () => {
    await page.getByRole("tab", { name: "Text" }).click();
    await press(page, "Copy");
    await expect.poll(() => notice(page).innerText()).toBe("Copied.");
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(squeezed(copied)).toBe(LINE_TEXT);
  });

  it("downloads every format", async () => {
    for (const format of FORMATS) {
      const { name, content } = await download(format);
      expect(name).toMatch(/^line\.[a-z.]+$/);
      const sign = format === "pdf" ? "%PDF-" : "2204";
      expect(content.toString("latin1"), format).toContain(sign);
    }
    const { content } = await download("json");
    expect(JSON.parse(content.toString())).toMatchObject([{ page: 1 }]);
  }, 30_000);

  it("asks nobody else for anything, and sends nothing", () => {
    const foreign = asked.filter(
      ({ url, method }) => method !== "GET" || !/^(blob:)?http:\/\/127\.0\.0\.1:/.test(url),
    );
    expect(asked.length).toBeGreaterThan(5);
    expect(foreign.filter(({ url }) => !url.startsWith("data:"))).toEqual([]);
  });

  it("reads a PDF page by page, with thumbnails, and finds words in it", async () => {
    await drop(page, [
      pdfOf(["First page of three", "The second harbour", "A third harbour here"]),
    ]);
    expect(await finished(page)).toBe("3 pages read.");
    const options = page.getByRole("option", { name: /^Page / });
    expect(await options.count()).toBe(3);
    await expect.poll(() => page.locator(".thumbnail canvas").count()).toBe(3);
    const field = page.getByRole("searchbox");
    await field.fill("harbour");
    const count = page.locator("glyphpool-reader .count");
    await expect.poll(() => count.innerText()).toBe("1 of 2");
    await expect.poll(() => page.locator("glyphpool-reader .place").innerText()).toBe("2 / 3");
    expect(await page.locator("mark.current").count()).toBe(1);
    await field.press("Enter");
    await expect.poll(() => page.locator("glyphpool-reader .place").innerText()).toBe("3 / 3");
    await field.fill("");
    await options.first().click();
    await expect.poll(() => page.locator("glyphpool-reader .place").innerText()).toBe("1 / 3");
    await page.getByRole("listbox", { name: "Pages" }).press("End");
    await expect.poll(() => page.locator("glyphpool-reader .place").innerText()).toBe("3 / 3");
  });

  it("shows the pages of a TIFF, and makes a PDF of them", async () => {
    const picture = await decodePng(LINE.bytes);
    const bytes = greyTiff([picture, picture]);
    await drop(page, [{ name: "fax.tif", type: "image/tiff", bytes }]);
    expect(await finished(page)).toBe("2 pages read.");
    await expect.poll(() => page.locator(".thumbnail canvas").count()).toBe(2);
    const dark = (): Promise<number> =>
      page.evaluate(() => {
        const root = document.querySelector("glyphpool-reader")?.shadowRoot;
        const canvas = root?.querySelector<HTMLCanvasElement>(".sheet canvas.picture");
        const { data } =
          canvas?.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height) ?? {};
        return (data ?? []).filter((value, i) => i % 4 === 0 && value < 128).length;
      });
    await expect.poll(dark).toBeGreaterThan(100);
    const { name, content } = await download("pdf");
    expect(name).toBe("fax.pdf");
    await drop(page, [{ name, type: "application/pdf", bytes: content }]);
    expect(await finished(page)).toBe("2 pages read.");
    expect(squeezed(await panelText(page).innerText())).toContain(LINE_TEXT);
  }, 60_000);

  it("cancels, and keeps the pages that were read", async () => {
    await drop(
      page,
      Array.from({ length: 12 }, (_, i) => ({ ...LINE, name: `line-${i}.png` })),
    );
    await expect
      .poll(() => page.locator(".thumbnail").count(), { timeout: 20_000 })
      .toBeGreaterThan(0);
    await press(page, "Cancel");
    expect(await finished(page)).toMatch(/^Cancelled after \d+ pages?\.$/);
    const pages = await page.locator(".thumbnail").count();
    expect(pages).toBeLessThan(12);
  });

  it("kills the worker from the panel, and reads again", async () => {
    await press(page, "Kill the worker");
    const log = page.getByRole("list", { name: /Events/ });
    await expect.poll(() => log.innerText()).toContain("ended worker-0");
    await expect.poll(() => page.locator("dd.wasm").innerText()).toBe("0 B");
    await paste(page, LINE);
    expect(await finished(page)).toBe("1 page read.");
    await expect.poll(() => log.innerText()).toContain("started worker-0");
    await expect.poll(() => page.locator(".case li.ready").count()).toBeGreaterThanOrEqual(2);
    expect(await page.locator(".case li.ready").first().innerText()).toMatch(/leaves in\s+\d+ s/);
  });

  it("takes another budget, and falls to the baseline when it is torn down", async () => {
    const budget = page.locator("dd.budget");
    await page.getByRole("textbox", { name: "Budget" }).fill("300MiB");
    await press(page, "Set budget");
    await expect.poll(() => budget.innerText()).toBe("300 MiB");
    await press(page, "Simulate pressure");
    await expect.poll(() => page.locator("dd.level").innerText()).toBe("critical");
    const log = page.getByRole("list", { name: /Events/ });
    await expect.poll(() => log.innerText()).toMatch(/degraded\s+smaller-batches/);
    await press(page, "Simulate pressure");
    await expect.poll(() => page.locator("dd.level").innerText()).toBe("ok");
    expect(await page.locator("dd.wasm").innerText()).not.toBe("0 B");
    await press(page, "Tear down");
    await expect.poll(() => page.locator("dd.wasm").innerText()).toBe("0 B");
    await expect.poll(() => lastHeight(page)).toBe(0);
  });

  it("has said nothing of a fault", () => {
    expect(problems).toEqual([]);
  });
});

/** Of the wasm area at the right edge, in units of the chart. */
async function lastHeight(of: Page): Promise<number> {
  return await of.evaluate(() => {
    const path = document.querySelector(".chart .wasm")?.getAttribute("d") ?? "";
    const points = path
      .slice(1, -1)
      .split("L")
      .map((point) => point.split(" ").map(Number));
    const middle = points.length / 2;
    return Math.abs((points[middle - 1]?.[1] ?? NaN) - (points[middle]?.[1] ?? NaN));
  });
}
