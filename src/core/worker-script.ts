/**
 * Starts workers, also from scripts that another origin serves. Browsers refuse those, but accept a local script of
 * one line that imports them. `src/gpu/runtime.ts` does the same for the threads of the model runtime.
 */

/** The local scripts made so far, by the address of what they import. They are kept: one line each. */
const importers = new Map<string, string>();

/** What the part of Trusted Types that is needed looks like; TypeScript's library lacks it. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): URL };
}

let policy: ReturnType<TrustedTypes["createPolicy"]> | undefined;

/**
 * Runs a `new Worker(new URL("…", import.meta.url), …)`, which has to keep this shape for bundlers to find it, and
 * gives the browser an address that it accepts.
 *
 * @param start creates one worker, synchronously
 * @param folder URL, with a slash at its end, of the folder that holds the script; absent: where the bundler put it
 */
export function startWorker(start: () => Worker, folder?: string): Worker {
  const { Worker: Native } = globalThis;
  globalThis.Worker = class extends Native {
    constructor(url: string | URL, options?: WorkerOptions) {
      const script = moved(url, folder);
      super(workerAddress(script), options);
      this.addEventListener("error", (event) => explain(event, script), { once: true });
    }
  };
  try {
    return start();
  } finally {
    globalThis.Worker = Native;
  }
}

/** What the realm's own `Worker` takes for a script, wherever it is from. */
export function workerAddress(url: string | URL): string | URL {
  return trusted(reachable(url));
}

/**
 * The script that this worker was started for, where a local script imports it.
 *
 * @returns undefined in a worker whose own address is that of its script
 */
export function importedScript(location: Location | undefined): URL | undefined {
  if (location?.protocol !== "blob:" || location.hash === "") return undefined;
  return new URL(decodeURIComponent(location.hash.slice(1)));
}

/**
 * Browsers report a script that they cannot load by an event that says nothing. The link passes `message` on to the
 * caller.
 */
function explain(event: Event, script: string): void {
  if ((event as Partial<ErrorEvent>).message) return;
  const message =
    `its script ${script} could not be loaded. Check that this address serves the file, and that the page's ` +
    "Content-Security-Policy allows it. If a bundler or a server has moved it, name its folder: " +
    'createEngine({ base: { workers: "…" } })';
  Object.defineProperty(event, "message", { value: message });
}

/** The address itself where this realm may start it, otherwise that of a local script that imports it. */
function reachable(url: string | URL): string {
  const { href, origin, protocol } = new URL(url, globalThis.location?.href);
  // `origin` of the realm is "null" in a sandboxed frame, whatever its address.
  if (origin === globalThis.origin || protocol === "blob:" || protocol === "data:") return href;
  let importer = importers.get(href);
  if (!importer) {
    const code = `import ${JSON.stringify(href)};`;
    importer = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    importers.set(href, importer);
  }
  // Tells the worker where its files are: see importedScript.
  return `${importer}#${encodeURIComponent(href)}`;
}

function moved(url: string | URL, folder: string | undefined): string {
  const { href, pathname } = new URL(url, globalThis.location?.href);
  if (folder === undefined) return href;
  return new URL(pathname.slice(pathname.lastIndexOf("/") + 1), folder).href;
}

/** For pages with `require-trusted-types-for 'script'`, which have to allow the policy `glyphpool`. */
function trusted(url: string): string | URL {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (!trustedTypes) return url;
  policy ??= trustedTypes.createPolicy("glyphpool", { createScriptURL: (value) => value });
  return policy.createScriptURL(url);
}
