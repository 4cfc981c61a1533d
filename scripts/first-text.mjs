// `node scripts/first-text.mjs [backend] [rounds]`: milliseconds from the start of a visit of demo/dist to the first
// text of the sample, in a new profile (cold) and in one that was there before (warm). Served from this machine.
import { createServer } from "node:http";
import { existsSync, readFileSync, statSync } from "node:fs";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright";
import { CHROME_FLAGS, findInstalledChromes } from "./chrome.mjs";

const [backend = "wasm", rounds = "3"] = process.argv.slice(2);
const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "demo/dist");
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".png": "image/png",
};

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  const own = normalize(join(dist, pathname === "/" ? "index.html" : pathname));
  const file = pathname === "/sample.png" ? join(root, "demo/sample.png") : own;
  if (!own.startsWith(dist) || !existsSync(file) || !statSync(file).isFile()) {
    response.writeHead(404).end();
    return;
  }
  response.setHeader("Content-Type", TYPES[extname(file)] ?? "application/octet-stream");
  response.setHeader("Cache-Control", "max-age=600");
  response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
  response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
  response.end(readFileSync(file));
});
await new Promise((resolve) => {
  server.listen(0, "127.0.0.1", resolve);
});
const address = `http://127.0.0.1:${server.address().port}/?backend=${backend}`;

const [executablePath] = findInstalledChromes();
const browser = await chromium.launch({
  args: CHROME_FLAGS,
  ...(executablePath ? { executablePath } : {}),
});

/** Milliseconds since the navigation began, of the page itself. */
async function visit(context) {
  const page = await context.newPage();
  await page.goto(address, { waitUntil: "commit" });
  await page.waitForFunction(() => globalThis.customElements?.get("glyphpool-reader"));
  const times = await page.evaluate(async () => {
    const reader = document.querySelector("glyphpool-reader");
    const opened = performance.now();
    await reader.open("./sample.png");
    return { opened, text: performance.now(), length: reader.value.length };
  });
  if (times.length < 100) throw new Error("The sample was not read.");
  return { page, times };
}

const figures = { cold: [], warm: [] };
try {
  for (let round = 0; round < Number(rounds); round++) {
    const context = await browser.newContext();
    const first = await visit(context);
    figures.cold.push(first.times.text);
    // The service worker has to have kept all of it.
    await first.page.waitForFunction(
      () => document.querySelector("#offline").textContent === "ready",
      undefined,
      { timeout: 60_000 },
    );
    await first.page.close();
    const second = await visit(context);
    figures.warm.push(second.times.text);
    await context.close();
  }
} finally {
  await browser.close();
  server.close();
}
for (const [name, list] of Object.entries(figures)) {
  const sorted = list.map(Math.round).sort((a, b) => a - b);
  console.log(`${name}: ${sorted[Math.floor(sorted.length / 2)]} ms (${sorted.join(", ")})`);
}
