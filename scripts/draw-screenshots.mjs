// Draws docs/images from demo/dist: `npm run build:demo && node scripts/draw-screenshots.mjs [folder]`.
import { createServer } from "node:http";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright";
import { CHROME_FLAGS, findInstalledChromes } from "./chrome.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "demo/dist");
const out = process.argv[2] ?? join(root, "docs/images");
mkdirSync(out, { recursive: true });

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
  response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
  response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
  response.end(readFileSync(file));
});
await new Promise((resolve) => {
  server.listen(0, "127.0.0.1", resolve);
});
const origin = `http://127.0.0.1:${server.address().port}`;

const [executablePath] = findInstalledChromes();
const browser = await chromium.launch({
  args: CHROME_FLAGS,
  ...(executablePath ? { executablePath } : {}),
});

async function open(path, options) {
  const context = await browser.newContext({ serviceWorkers: "block", ...options });
  const page = await context.newPage();
  await page.goto(origin + path);
  return page;
}

async function read(page) {
  await page.evaluate(() => document.querySelector("glyphpool-reader").open("./sample.png"));
}

/** A text file under the name of a PDF. */
async function refuse(page) {
  await page.evaluate(() =>
    document
      .querySelector("glyphpool-reader")
      .open(new File(["Dear Sir"], "letter.pdf"))
      .catch(() => undefined),
  );
}

async function shoot(page, name, locator) {
  const path = join(out, name);
  await (locator ? page.locator(locator) : page).screenshot({ path, animations: "disabled" });
  console.log(`${path}: ${(statSync(path).size / 1e3).toFixed(0)} kB`);
}

const wide = { viewport: { width: 1280, height: 1000 } };
try {
  const light = await open("/?backend=wasm", { ...wide, colorScheme: "light" });
  await shoot(light, "demo-start.png");
  await refuse(light);
  await shoot(light, "demo-error.png", "glyphpool-reader");
  await read(light);
  await light.getByRole("button", { name: "Blocks" }).click();
  await light.evaluate(() =>
    document.querySelector(".bench").scrollIntoView({ behavior: "instant" }),
  );
  await shoot(light, "demo.png");
  await light.close();

  // The panel tells of something: a read, a killed worker, another read, pressure.
  const dark = await open("/?backend=wasm&budget=192MiB", { ...wide, colorScheme: "dark" });
  await read(dark);
  await dark.waitForTimeout(6000);
  await dark.getByRole("button", { name: "Kill the worker" }).click();
  await dark.waitForTimeout(5000);
  await read(dark);
  await dark.waitForTimeout(8000);
  await dark.getByRole("button", { name: "Simulate pressure" }).click();
  await dark.waitForTimeout(4000);
  await shoot(dark, "memory-panel-dark.png", "#memory");
  await dark.getByRole("button", { name: "Simulate pressure" }).click();
  await dark.getByRole("button", { name: "Tear down" }).click();
  await dark.waitForTimeout(3000);
  await dark.emulateMedia({ colorScheme: "light" });
  await dark.waitForTimeout(1000);
  await shoot(dark, "memory-panel.png", "#memory");
  await dark.close();

  const phone = await open("/?backend=wasm", {
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    isMobile: true,
    deviceScaleFactor: 2,
    colorScheme: "dark",
  });
  await read(phone);
  await phone.getByRole("button", { name: "Confidence" }).click();
  await phone.evaluate(() =>
    document.querySelector("glyphpool-reader").scrollIntoView({ behavior: "instant" }),
  );
  await shoot(phone, "phone.png");
  await phone.close();

  const embed = await open("/embed.html", {
    viewport: { width: 920, height: 900 },
    colorScheme: "light",
  });
  await embed.evaluate(() =>
    document.querySelector("glyphpool-reader").setAttribute("backend", "wasm"),
  );
  await read(embed);
  await shoot(embed, "widget.png");
  await embed.close();
} finally {
  await browser.close();
  server.close();
}
