import { afterAll, beforeAll, expect, it } from "vitest";
import { UrlInput } from "../../src/server/intake/url-input.ts";
import type { UrlNetwork } from "../../src/server/intake/url-input.ts";
import { denoNetwork } from "../../src/server/intake/url-network.ts";

const LIMITS = { maxBytes: 1_000, idle: 300, deadline: 1_000 };

let server: Deno.HttpServer<Deno.NetAddr>;
let hosts: string[];
const asked: string[] = [];

/** Every name leads to this machine, which counts as public. */
const here: UrlNetwork = {
  ...denoNetwork,
  resolve: async () => ["127.0.0.1"],
  isPublic: () => true,
};

beforeAll(() => {
  server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => undefined }, (request) => {
    const { pathname } = new URL(request.url);
    asked.push(`${request.headers.get("Host")}${pathname}`);
    switch (pathname) {
      case "/moved":
        return new Response(null, { status: 302, headers: { Location: "/file" } });
      case "/inside":
        return Response.redirect("http://169.254.169.254/latest/meta-data");
      case "/endless":
        return new Response(new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(500)) }));
      case "/silent":
        return new Response(new ReadableStream({ pull: () => new Promise(() => undefined) }));
      default:
        return new Response("bytes");
    }
  });
  hosts = [`http://files.example:${server.addr.port}`];
});
afterAll(async () => {
  await Promise.race([server.shutdown(), new Promise((resolve) => setTimeout(resolve, 500))]);
});

async function fetchText(path: string, network: UrlNetwork = here): Promise<string> {
  const input = new UrlInput(hosts, network);
  let text = "";
  for await (const piece of input.fetch(`${hosts[0]}${path}`, LIMITS)) {
    text += new TextDecoder().decode(piece);
  }
  return text;
}

it("connects to the checked address under the name that was asked for", async () => {
  expect(await fetchText("/file")).toBe("bytes");
  expect(asked.at(-1)).toBe(`files.example:${server.addr.port}/file`);
});

it("follows redirects one by one", async () => {
  expect(await fetchText("/moved")).toBe("bytes");
  await expect(fetchText("/inside")).rejects.toMatchObject({ status: 403 });
});

it("ends what does not end, and what does not begin", async () => {
  await expect(fetchText("/endless")).rejects.toMatchObject({ status: 413 });
  await expect(fetchText("/silent")).rejects.toMatchObject({ status: 408 });
});

it("does not connect to this machine when the name leads here", async () => {
  const count = asked.length;
  const lookup: UrlNetwork = { ...denoNetwork, resolve: () => denoNetwork.resolve("localhost") };
  await expect(fetchText("/file", lookup)).rejects.toMatchObject({ code: "URL_NOT_ALLOWED" });
  expect(asked.length).toBe(count);
});
