/** A Chromium for the tests of the demo, and what people do with a mouse and files. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright";
import type { Browser, JSHandle, Locator, Page } from "playwright";
import { expect } from "vitest";
import { CHROME_FLAGS, findInstalledChromes } from "../../scripts/chrome.mjs";

export interface GivenFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
}

export const LINE: GivenFile = picture("line.png");
/** What is on it, without spaces and in small letters. */
export const LINE_TEXT = "orderno.58-2204,paidbycard";

export function picture(name: string): GivenFile {
  const file = fileURLToPath(new URL(`../fixtures/pages/${name}`, import.meta.url));
  return { name, type: "image/png", bytes: readFileSync(file) };
}

/** Knows no host but this machine: what asks for another one fails. */
export async function launch(): Promise<Browser> {
  const [executablePath] = findInstalledChromes();
  return await chromium.launch({
    args: [...CHROME_FLAGS, "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
    ...(executablePath ? { executablePath } : {}),
  });
}

/** Drops files on the reader. */
export async function drop(page: Page, files: readonly GivenFile[]): Promise<void> {
  const dataTransfer = await transfer(page, files);
  const desk = page.locator("glyphpool-reader .desk").first();
  for (const type of ["dragenter", "dragover", "drop"]) {
    await desk.dispatchEvent(type, { dataTransfer });
  }
}

/** Pastes a file, with nothing in particular in focus. */
export async function paste(page: Page, file: GivenFile): Promise<void> {
  const data = await transfer(page, [file]);
  await page.evaluate((clipboardData) => {
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
  }, data);
}

async function transfer(page: Page, files: readonly GivenFile[]): Promise<JSHandle<DataTransfer>> {
  const given = files.map(({ name, type, bytes }) => ({ name, type, text: base64(bytes) }));
  return await page.evaluateHandle((list) => {
    const data = new DataTransfer();
    for (const { name, type, text } of list) {
      const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
      data.items.add(new File([bytes], name, { type }));
    }
    return data;
  }, given);
}

/** Waits for the end of a reading. @returns what the reader says then */
export async function finished(page: Page): Promise<string> {
  const desk = page.locator("glyphpool-reader .desk").first();
  await expect.poll(() => desk.getAttribute("class"), { timeout: 30_000 }).not.toContain("busy");
  return await notice(page).innerText();
}

export const notice = (page: Page): Locator => page.locator("glyphpool-reader .notice").first();
export const panelText = (page: Page): Locator => page.locator("glyphpool-reader .panel").first();

/** A button of the page or of its reader, by its name. */
export const press = (page: Page, name: string): Promise<void> =>
  page.getByRole("button", { name, exact: true }).first().click();

/** Without spaces, in small letters, and with the narrow form of what Chinese models read as wide. */
export const squeezed = (text: string): string =>
  text.normalize("NFKC").replaceAll(/\s/g, "").toLowerCase();

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
