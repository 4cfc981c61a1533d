/** The page's half in Chromium: `window.subject`, called by chromium.ts. */
import { EngineSubject, type Subject } from "./subject.ts";

declare global {
  interface Window {
    subject?: Subject;
  }
}

window.subject = new EngineSubject(async (url) => {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  // By way of a blob: bodies read as buffers stay with the developer tools that drive this page.
  return new Uint8Array(await (await response.blob()).arrayBuffer());
});
