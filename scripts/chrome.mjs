// Finds a Chromium for the browser tests and for drawing fixtures. No side effects, no downloads.
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** Quiet, reproducible, and with a software WebGPU adapter. */
export const CHROME_FLAGS = [
  "--no-sandbox",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const NAMES = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "chrome",
  "microsoft-edge",
  "msedge",
];

const MAC = [
  "Google Chrome.app/Contents/MacOS/Google Chrome",
  "Chromium.app/Contents/MacOS/Chromium",
  "Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
  "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
];

const WINDOWS = [
  "Google\\Chrome\\Application\\chrome.exe",
  "Chromium\\Application\\chrome.exe",
  "Microsoft\\Edge\\Application\\msedge.exe",
];

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Chromium-family browsers that are on this machine, best first. A path in the environment is final. */
export function findInstalledChromes(env = process.env, platform = process.platform) {
  for (const name of ["GLYPHPOOL_CHROMIUM", "CHROME_PATH"]) {
    const path = env[name];
    if (!path) continue;
    if (!isProgram(path)) throw new Error(`${name} is set to ${path}, which is not a program.`);
    return [path];
  }
  const candidates = [];
  if (platform === "darwin") {
    for (const root of ["/Applications", join(homedir(), "Applications")]) {
      candidates.push(...MAC.map((app) => join(root, app)));
    }
  }
  if (platform === "win32") {
    for (const root of [env.PROGRAMFILES, env["PROGRAMFILES(X86)"], env.LOCALAPPDATA]) {
      if (root) candidates.push(...WINDOWS.map((app) => join(root, app)));
    }
  }
  for (const folder of (env.PATH ?? "").split(delimiter).filter(Boolean)) {
    candidates.push(
      ...NAMES.map((name) => join(folder, platform === "win32" ? `${name}.exe` : name)),
    );
  }
  candidates.push(...NAMES.map((name) => join("/usr/bin", name)));
  candidates.push("/snap/bin/chromium", "/opt/google/chrome/chrome");
  return [...new Set(candidates)].filter(isProgram);
}

/** Path of the browser that Playwright downloaded earlier, or undefined. */
export async function findPlaywrightChromium() {
  const { chromium } = await import("playwright");
  const path = chromium.executablePath();
  return path && existsSync(path) ? path : undefined;
}
