/** The network of Deno for {@link UrlInput}. Needs `--allow-net` as a whole: addresses are not known before. */
import { lookup } from "node:dns/promises";
import type { UrlNetwork } from "./url-input.ts";

export const denoNetwork: UrlNetwork = {
  resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  request: async (url, address, signal, message) => {
    const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
    // Certificates and the Host header are still those of the name; only the connection is fixed.
    const client = Deno.createHttpClient({
      proxy: { transport: "tcp", hostname: address, port },
      poolMaxIdlePerHost: 0,
    });
    try {
      // The types of the web do not know Deno's option.
      const sent = message ? { method: "POST", ...message } : {};
      const init = { client, signal, redirect: "manual", ...sent } as RequestInit;
      const response = await fetch(url, init);
      const { status, headers, body } = response;
      return { status, headers, body, [Symbol.dispose]: () => client.close() };
    } catch (error) {
      client.close();
      throw error;
    }
  },
};
