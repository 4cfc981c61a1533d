import { describe, expect, it } from "vitest";
import { UrlInput } from "../../../../src/server/intake/url-input.ts";
import type { UrlNetwork } from "../../../../src/server/intake/url-input.ts";

const LIMITS = { maxBytes: 100, idle: 1_000, deadline: 1_000 };

interface Asked {
  readonly url: string;
  readonly address: string;
}

/** A network of names and answers; every request is noted with the address that it went to. */
function network(
  names: Readonly<Record<string, readonly string[]>>,
  answers: Readonly<Record<string, () => Response>> = {},
): { readonly net: UrlNetwork; readonly asked: Asked[]; readonly closed: () => number } {
  const asked: Asked[] = [];
  let closed = 0;
  const net: UrlNetwork = {
    resolve: async (host) => {
      const found = names[host];
      if (!found) throw new Error("not found");
      return found;
    },
    request: async (url, address) => {
      asked.push({ url: url.href, address });
      const { status, headers, body } = answers[url.href]?.() ?? new Response("bytes");
      return { status, headers, body, [Symbol.dispose]: () => void closed++ };
    },
  };
  return { net, asked, closed: () => closed };
}

async function fetchText(input: UrlInput, url: string): Promise<string> {
  let text = "";
  for await (const piece of input.fetch(url, LIMITS)) text += new TextDecoder().decode(piece);
  return text;
}

const moved = (to: string): Response =>
  new Response(null, { status: 302, headers: { Location: to } });

describe("UrlInput", () => {
  it("connects to the address that was checked", async () => {
    const { net, asked, closed } = network({ "a.example": ["93.184.216.34", "2606:4700::1"] });
    const input = new UrlInput(["a.example"], net);
    expect(await fetchText(input, "https://a.example/x.png")).toBe("bytes");
    expect(asked).toEqual([{ url: "https://a.example/x.png", address: "93.184.216.34" }]);
    expect(closed()).toBe(1);
  });

  it.each([
    ["https://b.example/"],
    ["https://a.example.evil.example/"],
    ["https://a.example:8443/"],
    ["http://a.example/"],
    ["ftp://a.example/"],
    ["file:///etc/passwd"],
    ["data:text/plain,x"],
    ["https://user@a.example/"],
    ["https://sub.wild.example.evil/"],
    ["https://wild.example/"],
  ])("refuses %s", async (url) => {
    const { net, asked } = network({ "a.example": ["93.184.216.34"] });
    const input = new UrlInput(["a.example", "*.wild.example", "http://plain.example:8080"], net);
    await expect(fetchText(input, url)).rejects.toMatchObject({
      status: 403,
      code: "URL_NOT_ALLOWED",
    });
    expect(asked).toEqual([]);
  });

  it.each([["https://x.wild.example/a"], ["http://plain.example:8080/a"], ["https://A.EXAMPLE/"]])(
    "allows %s",
    async (url) => {
      const { net } = network({
        "a.example": ["93.184.216.34"],
        "x.wild.example": ["93.184.216.34"],
        "plain.example": ["93.184.216.34"],
      });
      const hosts = ["a.example", "*.wild.example", "http://plain.example:8080"];
      expect(await fetchText(new UrlInput(hosts, net), url)).toBe("bytes");
    },
  );

  it.each([[["10.0.0.1"]], [["93.184.216.34", "127.0.0.1"]], [["::ffff:169.254.169.254"]], [[]]])(
    "refuses a listed host that lies at %j",
    async (addresses) => {
      const { net, asked } = network({ "a.example": addresses });
      const input = new UrlInput(["a.example"], net);
      await expect(fetchText(input, "https://a.example/")).rejects.toMatchObject({ status: 403 });
      expect(asked).toEqual([]);
    },
  );

  it("follows a redirect to a listed host, checked like the first address", async () => {
    const names = { "a.example": ["93.184.216.34"], "b.example": ["93.184.216.35"] };
    const { net, asked, closed } = network(names, {
      "https://a.example/": () => moved("https://b.example/file"),
    });
    const input = new UrlInput(["a.example", "b.example"], net);
    expect(await fetchText(input, "https://a.example/")).toBe("bytes");
    expect(asked[1]).toEqual({ url: "https://b.example/file", address: "93.184.216.35" });
    expect(closed()).toBe(2);
  });

  it.each([
    ["http://169.254.169.254/latest/meta-data", 403],
    ["https://inside.example/", 403],
    ["//evil.example/", 403],
    ["file:///etc/passwd", 403],
    ["https://a.example/", 400], // round and round
  ])("does not follow a redirect to %s", async (to, status) => {
    const names = { "a.example": ["93.184.216.34"], "inside.example": ["10.0.0.1"] };
    const { net } = network(names, { "https://a.example/": () => moved(to) });
    const input = new UrlInput(["a.example", "inside.example"], net);
    await expect(fetchText(input, "https://a.example/")).rejects.toMatchObject({ status });
  });

  it("bounds the bytes, whatever length is promised", async () => {
    const names = { "a.example": ["93.184.216.34"] };
    const long = network(names, { "https://a.example/": () => new Response("x".repeat(101)) });
    const promised = network(names, {
      "https://a.example/": () => new Response("x", { headers: { "Content-Length": "101" } }),
    });
    for (const { net } of [long, promised]) {
      const input = new UrlInput(["a.example"], net);
      await expect(fetchText(input, "https://a.example/")).rejects.toMatchObject({ status: 413 });
    }
  });

  it("says when the other server fails", async () => {
    const names = { "a.example": ["93.184.216.34"] };
    const missing = network(names, {
      "https://a.example/": () => new Response("", { status: 404 }),
    });
    const dead = network(names, {
      "https://a.example/": () => {
        throw new Error("refused");
      },
    });
    for (const { net } of [missing, dead]) {
      const input = new UrlInput(["a.example"], net);
      await expect(fetchText(input, "https://a.example/")).rejects.toMatchObject({ status: 502 });
    }
  });
});
