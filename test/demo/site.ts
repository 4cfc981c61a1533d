/** Servers for the built demo and for pages of others that embed it, all on the loopback interface. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const root: string = fileURLToPath(new URL("../..", import.meta.url));

/** What `npm run build:demo` writes. */
export const DIST: string = join(root, "demo/dist");

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
};

export const ISOLATION: Readonly<Record<string, string>> = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export interface SiteOptions {
  /** Answers for paths, before the folder is looked into. */
  readonly pages?: Readonly<Record<string, string>>;
  readonly folder?: string;
  /** Path that the folder is served under, with slashes at both ends. */
  readonly prefix?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Site extends AsyncDisposable {
  /** Without a slash at its end. */
  readonly origin: string;
}

/** Starts a server. */
export async function serve(options: SiteOptions): Promise<Site> {
  const { pages = {}, folder = DIST, prefix = "/", headers = {} } = options;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (pathname === "/favicon.ico") {
      response.writeHead(204).end();
      return;
    }
    const page = pages[pathname];
    if (page !== undefined) {
      response.setHeader("Content-Type", "text/html; charset=utf-8").end(page);
      return;
    }
    const path = pathname.startsWith(prefix) ? pathname.slice(prefix.length) : "..";
    const file = normalize(join(folder, path === "" ? "index.html" : decodeURIComponent(path)));
    if (!file.startsWith(folder) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader("Content-Type", TYPES[extname(file)] ?? "application/octet-stream");
    response.end(readFileSync(file));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
