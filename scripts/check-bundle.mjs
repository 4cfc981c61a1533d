// `npm run check:bundle`, after `npm run build`: what a user's bundler makes of the package, with Vite's
// defaults, has to read a line in Chromium without any network, with and without threads.
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright";
import { build } from "vite";
import { CHROME_FLAGS, findInstalledChromes } from "./chrome.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const TEXT = "orderno.58-2204,paidbycard";

const PAGE = `<!doctype html><script type="module" src="./main.js"></script>`;
const MAIN = `
import { createEngine } from "glyphpool";
globalThis.read = async (options) => {
  await using engine = await createEngine({ backend: "wasm", startDeadline: 30_000, ...options });
  const { text } = await engine.read("line.png", { recognizeOnly: true });
  return { text, threads: engine.info.threads, runtime: engine.info.runtime };
};
`;

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
  ".png": "image/png",
};

/** Serves a folder; isolated pages have threads. */
async function serve(folder, isolated) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const file = normalize(join(folder, pathname === "/" ? "index.html" : pathname));
    if (!file.startsWith(folder) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader("Content-Type", TYPES[extname(file)] ?? "application/octet-stream");
    if (isolated) {
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    }
    response.end(readFileSync(file));
  });
  await new Promise((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return server;
}

async function readIn(browser, folder, isolated, options) {
  const server = await serve(folder, isolated);
  const page = await browser.newPage();
  const outside = [];
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith("http") && hostname !== "127.0.0.1") outside.push(request.url());
  });
  try {
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.waitForFunction("globalThis.read");
    const result = await page.evaluate((wanted) => globalThis.read(wanted), options);
    if (outside.length > 0) throw new Error(`asked for ${outside.join(", ")}`);
    const text = result.text.replaceAll(/\s/g, "").toLowerCase();
    if (text !== TEXT) throw new Error(`read ${JSON.stringify(result.text)}`);
    return result;
  } finally {
    await page.close();
    server.close();
  }
}

const folder = mkdtempSync(join(tmpdir(), "glyphpool-bundle-"));
try {
  writeFileSync(join(folder, "index.html"), PAGE);
  writeFileSync(join(folder, "main.js"), MAIN);
  cpSync(join(root, "test/fixtures/pages/line.png"), join(folder, "public/line.png"));
  await build({
    root: folder,
    configFile: false,
    logLevel: "error",
    resolve: { alias: { glyphpool: join(root, "dist/src/index.js") } },
  });
  const [executablePath] = findInstalledChromes();
  const browser = await chromium.launch({
    args: [...CHROME_FLAGS, "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
    ...(executablePath ? { executablePath } : {}),
  });
  try {
    for (const isolated of [true, false]) {
      for (const runtime of ["jspi", "asyncify"]) {
        const { threads } = await readIn(browser, join(folder, "dist"), isolated, {
          runtime,
          ...(isolated ? { threads: 2 } : {}),
        });
        if (threads !== (isolated ? 2 : 1)) throw new Error(`${threads} threads`);
        console.log(`Vite bundle, ${runtime}, threads: ${threads}: reads offline`);
      }
    }
  } finally {
    await browser.close();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
