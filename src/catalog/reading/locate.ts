/** Turns what people write for a place into a URL. */

/** Whether a text is meant as a place and not as the name of a preset. */
export function looksLikePlace(text: string): boolean {
  return /[/\\]|^[.~]/.test(text) || /^[a-z][a-z0-9+.-]+:/i.test(text);
}

/**
 * URLs stay; paths become `file:` URLs in Deno and URLs of the page's own server in a browser.
 *
 * @throws TypeError when a relative path has nothing to be relative to
 */
export function toUrl(place: string | URL): URL {
  if (place instanceof URL) return place;
  // Two letters at least: `C:\models` is a path.
  if (/^[a-z][a-z0-9+.-]+:/i.test(place)) return new URL(place);
  if (typeof Deno === "undefined") return new URL(place, globalThis.location.href);
  const windows = Deno.build.os === "windows";
  const home = Deno.env.get(windows ? "USERPROFILE" : "HOME") ?? "~";
  const path = encodePath(/^~(?=[/\\]|$)/.test(place) ? place.replace("~", home) : place, windows);
  const cwd = encodePath(Deno.cwd(), windows);
  const drive = /^[a-z]:/i.test(path);
  return new URL(
    drive ? `file:///${path}` : path,
    `file://${cwd.startsWith("/") ? "" : "/"}${cwd}/`,
  );
}

/** What a URL would read as its query, fragment or separator can be part of a file's name. */
function encodePath(path: string, windows: boolean): string {
  const slashed = windows ? path.replaceAll("\\", "/") : path;
  return slashed.replace(/[%?#\\]/g, (char) => encodeURIComponent(char));
}
