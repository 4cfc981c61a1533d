// Finds, and where it may installs, what the tests need beyond `npm ci`: a Chromium for the browser
// tests, a Vulkan driver for WebGPU in Deno and a PostgreSQL for the task server's tests. Run alone with `npm run setup`.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findInstalledChromes, findPlaywrightChromium } from "./chrome.mjs";
import { ensureEmbedded } from "./embed-models.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const npm = process.env.npm_execpath;

/** Runs a program with its output shown; never asks a question. Resolves to whether it succeeded. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32" && !/\.exe$/i.test(command),
    ...options,
  });
  if (error && error.code !== "ENOENT") console.error(`${command}: ${error.message}`);
  return status === 0;
}

/** Runs a script of package.json, exactly as `npm run` would. */
export function runScript(name, args = []) {
  const rest = ["run", "--silent", name, ...(args.length > 0 ? ["--", ...args] : [])];
  return npm?.endsWith("npm-cli.js") ? run(process.execPath, [npm, ...rest]) : run("npm", rest);
}

function has(command) {
  return spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0;
}

/** The prefix that makes a command run as root: `[]` for root, `["sudo", "-n"]`, or undefined. */
function asRoot() {
  if (process.getuid?.() === 0) return [];
  const free = spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0;
  return free ? ["sudo", "-n"] : undefined;
}

const MANAGERS = [
  {
    name: "apt-get",
    refresh: ["update", "-q"],
    install: ["install", "-qy", "--no-install-recommends"],
  },
  { name: "dnf", install: ["install", "-qy"] },
  { name: "apk", install: ["add", "--no-cache"] },
  { name: "brew", install: ["install", "--cask"], user: true },
];

let refreshed = false;

/** Installs system packages; false with a message where there is no way to do it unattended. */
function installPackages(packages) {
  const manager = MANAGERS.find(({ name }) => has(name));
  const wanted = manager && packages[manager.name];
  if (!wanted) {
    console.log("  no package manager here that this script knows how to use for it");
    return false;
  }
  const prefix = manager.user ? [] : asRoot();
  if (!prefix) {
    console.log(
      `  not root and no password-free sudo; run: sudo ${manager.name} ${manager.install.join(" ")} ${wanted.join(" ")}`,
    );
    return false;
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const call = (args) => {
    const [command, ...rest] = [...prefix, manager.name, ...args];
    console.log(`  ${[command, ...rest].join(" ")}`);
    return run(command, rest, { env, stdio: ["ignore", "ignore", "inherit"] });
  };
  if (manager.refresh && !refreshed) refreshed = call(manager.refresh);
  return call([...manager.install, ...wanted]);
}

/** Whether the browser starts at all: distribution stubs and missing libraries fail here. */
function starts(path) {
  if (process.platform === "win32") return true; // chrome.exe --version opens a window there
  return spawnSync(path, ["--version"], { stdio: "ignore", timeout: 60_000 }).status === 0;
}

async function findBrowser() {
  const own = await findPlaywrightChromium();
  return [...findInstalledChromes(), ...(own ? [own] : [])].find(starts);
}

/** Playwright repeats a failed download five times over; of that only the reason is shown. */
function playwright(...args) {
  const cli = join(root, "node_modules/playwright/cli.js");
  const { status, stderr } = spawnSync(process.execPath, [cli, ...args], {
    cwd: root,
    env: { ...process.env, PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: "15000" },
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
    timeout: 10 * 60_000,
  });
  const reason = /Error: .*/.exec(stderr ?? "")?.[0];
  if (status !== 0) console.log(`  playwright ${args.join(" ")}: ${reason ?? `exit ${status}`}`);
  return status === 0;
}

/** Path of a browser that starts; throws with instructions where none can be had. */
export async function ensureBrowser() {
  const found = await findBrowser();
  if (found) return found;
  console.log("No Chromium or Chrome found: asking Playwright to download one.");
  if (playwright("install", "chromium")) {
    const downloaded = await findBrowser();
    if (downloaded) return downloaded;
    console.log("Playwright's Chromium does not start: installing the libraries that it needs.");
    if (has("apt-get") && asRoot()) playwright("install-deps", "chromium");
    const repaired = await findBrowser();
    if (repaired) return repaired;
  }
  console.log("Playwright has no browser for this machine: trying the system's packages.");
  installPackages({
    "apt-get": ["chromium"],
    dnf: ["chromium"],
    apk: ["chromium"],
    brew: ["google-chrome"],
  });
  const installed = await findBrowser();
  if (installed) return installed;
  throw new Error(
    "The browser tests need Chrome or Chromium. Install one, or set CHROME_PATH to its program.",
  );
}

function denoHasAdapter() {
  const probe = "Deno.exit((await navigator.gpu.requestAdapter()) ? 0 : 3)";
  const cli = join(root, "node_modules/deno/bin.cjs");
  // Over OpenGL there is an adapter too, but one that is too small for the models.
  const vulkan = process.platform === "linux" ? { DENO_WEBGPU_BACKEND: "vulkan" } : {};
  const env = { ...process.env, ...vulkan };
  const { status } = spawnSync(process.execPath, [cli, "eval", probe], { stdio: "ignore", env });
  return status === 0;
}

/** Whether Deno has WebGPU here; tests that need it skip otherwise. */
export function ensureVulkan() {
  if (denoHasAdapter()) return true;
  if (process.platform === "linux" && has("apt-get")) {
    console.log("Deno finds no GPU adapter: installing a software Vulkan driver.");
    installPackages({ "apt-get": ["libvulkan1", "mesa-vulkan-drivers"] });
    if (denoHasAdapter()) return true;
  }
  console.log(
    "No WebGPU in Deno here (no Vulkan, Metal or D3D12 driver): its WebGPU tests will skip.",
  );
  return false;
}

function hasPostgres() {
  const folder = "/usr/lib/postgresql";
  const versions = existsSync(folder) ? readdirSync(folder) : [];
  return (
    versions.some((version) => existsSync(join(folder, version, "bin/initdb"))) || has("initdb")
  );
}

/** Whether there is a PostgreSQL that a test can start; those that need one skip otherwise. */
export function ensurePostgres() {
  if (hasPostgres()) return true;
  if (process.platform === "linux" && has("apt-get")) {
    console.log("No PostgreSQL found: installing one for the tests of the task server.");
    installPackages({ "apt-get": ["postgresql"] });
    if (hasPostgres()) return true;
  }
  console.log("No PostgreSQL here: the task server's tests with one will skip.");
  return false;
}

/** Folders that a bare machine may lack; returns the variables to add to the environment. */
function ensureFolders() {
  const added = {};
  let scratch;
  const folder = (name) => {
    scratch ??= mkdtempSync(join(tmpdir(), "glyphpool-"));
    const path = join(scratch, name);
    mkdirSync(path, { mode: 0o700 });
    return path;
  };
  if (process.platform !== "win32" && !existsSync(process.env.HOME ?? ""))
    added.HOME = folder("home");
  // Without it Mesa prints a line for every adapter that is asked for.
  if (process.platform === "linux" && !process.env.XDG_RUNTIME_DIR)
    added.XDG_RUNTIME_DIR = folder("run");
  return added;
}

/** Everything above; sets the environment for what runs after it. */
export async function setup() {
  Object.assign(process.env, ensureFolders());
  // `npm ci --ignore-scripts` leaves the models out.
  await ensureEmbedded();
  const browser = await ensureBrowser();
  process.env.GLYPHPOOL_CHROMIUM = browser;
  console.log(`browser: ${browser}`);
  console.log(`WebGPU in Deno: ${ensureVulkan() ? "yes" : "no"}`);
  console.log(`PostgreSQL: ${ensurePostgres() ? "yes" : "no"}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await setup();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
