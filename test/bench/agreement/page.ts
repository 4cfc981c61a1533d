/** The page's half in Chromium: `window.openReader`, called by chromium.ts. */
import type { UserModelFiles } from "../../../src/index.ts";
import { EngineReader, type Reader } from "./reader.ts";

declare global {
  interface Window {
    openReader?: (weights: UserModelFiles) => void;
    reader?: Reader;
  }
}

window.openReader = (weights) => {
  window.reader = new EngineReader(weights, async (url) => {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  });
};
