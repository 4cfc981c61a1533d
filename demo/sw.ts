/**
 * Keeps the site on the device: after the first visit it needs no network. It also gives pages the headers that
 * threads need, on hosts that cannot set any.
 */

/** The build replaces this line's list, and so the version, with the files of the site. */
const FILES: readonly string[] = JSON.parse('["__FILES__"]') as string[];
const VERSION = "__VERSION__";

const PREFIX = "glyphpool-site:";
const CACHE: string = PREFIX + VERSION;

/** The part of a service worker's realm that is needed; TypeScript's library for pages lacks it. */
interface Realm {
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: string, listener: (event: Lifetime) => void): void;
}

interface Lifetime extends Event {
  readonly request: Request;
  waitUntil(work: Promise<unknown>): void;
  respondWith(response: Promise<Response>): void;
}

const realm: Realm = globalThis as unknown as Realm;

/** A browser runs one of the two builds of the model runtime; the other is 17 or 27 MB in vain. */
const FOREIGN: RegExp = "Suspending" in WebAssembly ? /asyncify.*\.wasm$/ : /jspi.*\.wasm$/;

const wanted: readonly string[] = FILES.filter((file) => !FOREIGN.test(file));

realm.addEventListener("install", (event) => event.waitUntil(install()));
realm.addEventListener("activate", (event) => event.waitUntil(activate()));
realm.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin } = new URL(realm.registration.scope);
  if (request.method === "GET" && new URL(request.url).origin === origin) {
    event.respondWith(answer(request));
  }
});

async function install(): Promise<void> {
  const cache = await caches.open(CACHE);
  const addresses = wanted.map((file) => new URL(file, realm.registration.scope).href);
  // What the page has just loaded comes from the browser's own cache.
  await cache.addAll(addresses);
  await realm.skipWaiting();
}

async function activate(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await realm.clients.claim();
}

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const address = new URL(request.url);
  address.search = "";
  address.hash = "";
  if (address.pathname.endsWith("/")) address.pathname += "index.html";
  const kept = await cache.match(address.href);
  return isolated(kept ?? (await fetch(request)));
}

/** The same response with the headers of a cross-origin isolated page. */
function isolated(response: Response): Response {
  // Neither can be read here, nor do they need the headers.
  if (response.type === "opaque" || response.type === "opaqueredirect") return response;
  const headers = new Headers(response.headers);
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Embedder-Policy", "require-corp");
  headers.set("Cross-Origin-Resource-Policy", "cross-origin");
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}
