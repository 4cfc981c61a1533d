/**
 * Starts workers whose script another origin serves. Browsers refuse such a script, but not a local one of a single
 * line that imports it. `src/gpu/runtime.ts` needs the same for the threads of the model runtime.
 */

/** The local scripts that were made, by the address of what they import. They are kept: one line each. */
const importers = new Map<string, string>();

let base: URL | undefined;

/** What the part of Trusted Types that is needed looks like; TypeScript's library lacks it. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): URL };
}

let policy: ReturnType<TrustedTypes["createPolicy"]> | undefined;

/**
 * Takes the scripts of all later workers from another folder, by their file names.
 *
 * @param folder with a slash at its end; absent: where the bundler has put them
 */
export function useWorkerFolder(folder: URL | undefined): void {
  base = folder;
}

/**
 * Runs a `new Worker(new URL("…", import.meta.url), …)`, which has to stand as it is for bundlers to find it, and
 * gives the browser an address that it accepts.
 *
 * @param start makes one worker, synchronously
 */
export function startWorker(start: () => Worker): Worker {
  const { Worker: Native } = globalThis;
  globalThis.Worker = class extends Native {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(workerAddress(moved(url)), options);
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

/** The address itself where this realm may start it, else one of a local script that imports it. */
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
  return importer;
}

function moved(url: string | URL): string | URL {
  if (!base) return url;
  const { pathname } = new URL(url, globalThis.location?.href);
  return new URL(pathname.slice(pathname.lastIndexOf("/") + 1), base);
}

/** For pages with `require-trusted-types-for 'script'`, which have to allow the policy `glyphpool`. */
function trusted(url: string): string | URL {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (!trustedTypes) return url;
  policy ??= trustedTypes.createPolicy("glyphpool", { createScriptURL: (value) => value });
  return policy.createScriptURL(url);
}
