/** The page's half in Chromium: `window.recoverySubject`, called by chromium.ts. */
import { ServiceSubject, type Subject } from "./subject.ts";

declare global {
  interface Window {
    recoverySubject?: Subject;
  }
}

window.recoverySubject = new ServiceSubject(async (url) => {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  // By way of a blob: bodies read as buffers stay with the developer tools that drive this page.
  return new Uint8Array(await (await response.blob()).arrayBuffer());
});
