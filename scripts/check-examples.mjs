// `npm run check:examples`: builds the projects in examples/ from the packed package, as a stranger would, and runs
// them: those for browsers in Chromium without any network, the others in their runtime. Tools come from the npm
// registry. node scripts/check-examples.mjs [names, default all]
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
import { extname, join, normalize, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { spawnSync } from "node:child_process";
import { chromium } from "playwright";
import { CHROME_FLAGS, findInstalledChromes } from "./chrome.mjs";
import { pack } from "./pack.mjs";
import { run, runScript } from "./setup.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const EXPECTED = /order\s*no\.\s*58-2204.*paid\s*by\s*card/i;

/** Packages, the command that builds, and the folder to serve; or the command whose output is the text. */
const EXAMPLES = {
  vite: { packages: ["vite@8"], build: ["npm", "exec", "--", "vite", "build"] },
  deno: {
    packages: ["deno@2"],
    run: ["npm", "exec", "--", "deno", "run", "-A", "main.js", "line.png"],
  },
};

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

async function serve(folder) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const file = normalize(join(folder, pathname === "/" ? "index.html" : pathname));
    if (!file.startsWith(folder + sep) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader("Content-Type", TYPES[extname(file)] ?? "application/octet-stream");
    response.end(readFileSync(file));
  });
  await new Promise((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return server;
}

/** What the page shows, how long that took, and what a browser fetched for it. */
async function open(browser, folder) {
  const server = await serve(folder);
  const page = await browser.newPage();
  let requests = 0;
  page.on("request", () => requests++);
  try {
    const start = performance.now();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.waitForFunction("document.querySelector('output').textContent", undefined, {
      timeout: 60_000,
    });
    const text = await page.textContent("output");
    return { text, note: `${Math.round(performance.now() - start)} ms, ${requests} requests` };
  } finally {
    await page.close();
    server.close();
  }
}

async function check(name, file, browser, folder) {
  const { packages, build, run: command } = EXAMPLES[name];
  const project = join(folder, name);
  cpSync(join(root, "examples", name), project, { recursive: true });
  for (const shared of ["main.js", "index.html"]) {
    if (!existsSync(join(project, shared)))
      cpSync(join(root, "examples", shared), join(project, shared));
  }
  const picture = join(root, "test/fixtures/pages/line.png");
  cpSync(picture, join(project, command ? "line.png" : "public/line.png"));
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const options = { cwd: project };
  const quiet = ["--no-audit", "--no-fund", "--silent"];
  if (!run("npm", ["install", ...quiet, file, ...packages], options))
    throw new Error("npm install failed");
  if (command) {
    const [program, ...args] = command;
    const start = performance.now();
    const { stdout, stderr } = spawnSync(program, args, {
      ...options,
      encoding: "utf8",
      timeout: 60_000,
    });
    return { text: stdout || stderr, note: `${Math.round(performance.now() - start)} ms` };
  }
  if (!run(build[0], build.slice(1), options)) throw new Error("the build failed");
  const dist = join(project, "dist");
  if (!existsSync(join(dist, "index.html")))
    cpSync(join(project, "index.html"), join(dist, "index.html"));
  cpSync(picture, join(dist, "line.png"));
  return await open(browser, dist);
}

const folder = mkdtempSync(join(tmpdir(), "glyphpool-examples-"));
const [executablePath] = findInstalledChromes();
const browser = await chromium.launch({
  args: [...CHROME_FLAGS, "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
  ...(executablePath ? { executablePath } : {}),
});
try {
  if (!runScript("build")) throw new Error("The build has failed.");
  const { file } = pack(folder);
  const wanted = process.argv.slice(2);
  for (const name of wanted.length > 0 ? wanted : Object.keys(EXAMPLES)) {
    try {
      const { text, note } = await check(name, file, browser, folder);
      if (!EXPECTED.test(text)) throw new Error(`read ${JSON.stringify(text)}`);
      console.log(`${name}: ok, ${note}`);
    } catch (error) {
      console.log(`${name}: FAILED: ${error.message}`);
      process.exitCode = 1;
    }
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
