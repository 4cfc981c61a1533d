// `npm run check:bundle`, after `npm run build`: what a user's bundler makes of the package, with Vite's
// defaults, has to read a line in Chromium without any network, with and without threads, and a page of a PDF
// that needs a font and an encoding of the package, and names files elsewhere that nobody may ask for.
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

const PDF = `%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R /OpenAction << /S /URI /URI (https://example.com/a) >> >> endobj
2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R
  /Resources << /Font << /F 5 0 R /J 6 0 R >> /XObject << /X 8 0 R >> >> >> endobj
4 0 obj << /Length 83 >> stream
/X Do BT /F 24 Tf 20 60 Td (Drawn) Tj /J 24 Tf 0 -40 Td <93FA967B> Tj ET
endstream endobj
5 0 obj << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> endobj
6 0 obj << /Type /Font /Subtype /Type0 /BaseFont /Ryumin-Light /Encoding /90ms-RKSJ-H
  /DescendantFonts [7 0 R] >> endobj
7 0 obj << /Type /Font /Subtype /CIDFontType0 /BaseFont /Ryumin-Light
  /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> >> endobj
8 0 obj << /Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray
  /F << /FS /URL /F (https://example.com/b) >> /Length 0 >> stream
endstream endobj
trailer << /Root 1 0 R >>`;

const PAGE = `<!doctype html><script type="module" src="./main.js"></script>`;
const MAIN = `
import { createEngine } from "glyphpool";
import { PdfService } from "glyphpool-pdf";
globalThis.readPdf = async (text) => {
  await using service = new PdfService();
  await using document = await service.open(new TextEncoder().encode(text));
  const { runs } = await document.textLayer(1);
  const { image } = await document.render(1, { dpi: 72 });
  return { text: runs.map((run) => run.text).join(""), dark: image.data.some((value) => value < 64) };
};
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

async function inPage(browser, folder, isolated, work) {
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
    const result = await work(page);
    if (outside.length > 0) throw new Error(`asked for ${outside.join(", ")}`);
    return result;
  } finally {
    await page.close();
    server.close();
  }
}

async function readIn(browser, folder, isolated, options) {
  return await inPage(browser, folder, isolated, async (page) => {
    const result = await page.evaluate((wanted) => globalThis.read(wanted), options);
    const text = result.text.replaceAll(/\s/g, "").toLowerCase();
    if (text !== TEXT) throw new Error(`read ${JSON.stringify(result.text)}`);
    return result;
  });
}

async function readPdf(browser, folder) {
  const result = await inPage(browser, folder, false, (page) =>
    page.evaluate((text) => globalThis.readPdf(text), PDF),
  );
  if (result.text.replaceAll(/\s/g, "") !== "Drawn日本" || !result.dark) {
    throw new Error(`PDF: read ${JSON.stringify(result)}`);
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
    resolve: {
      alias: {
        glyphpool: join(root, "dist/src/index.js"),
        "glyphpool-pdf": join(root, "dist/src/document/pdf/service.js"),
      },
    },
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
    await readPdf(browser, join(folder, "dist"));
    console.log("Vite bundle, PDF: reads and draws offline");
  } finally {
    await browser.close();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
