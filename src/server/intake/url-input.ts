/**
 * Fetches inputs from addresses that callers name, without becoming their proxy into our network: only hosts of an
 * allow-list, only public addresses, and the connection goes to the very address that was checked.
 */
import { readBody } from "./body.ts";
import type { BodyLimits } from "./body.ts";
import { HttpProblem } from "../http/problem.ts";
import { isPublicAddress } from "./public-address.ts";

/** How the network is reached. */
export interface UrlNetwork {
  /** All addresses of a host. */
  readonly resolve: (host: string) => Promise<readonly string[]>;
  /** One request to a fixed address; redirects are not followed. */
  readonly request: (
    url: URL,
    address: string,
    signal: AbortSignal,
    message?: UrlMessage,
  ) => Promise<UrlResponse>;
  readonly isPublic?: (address: string) => boolean;
}

/** What is sent in place of a plain GET. */
export interface UrlMessage {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface UrlResponse extends Disposable {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array> | null;
}

const MAX_REDIRECTS = 3;
const MAX_URL = 2_048;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export class UrlInput {
  readonly #hosts: readonly string[];
  readonly #network: UrlNetwork;

  /**
   * @param hosts `example.org`, `*.example.org`, either with a port; `http://` before it allows that instead of https
   */
  constructor(hosts: readonly string[], network: UrlNetwork) {
    this.#hosts = hosts.map((host) => host.toLowerCase());
    this.#network = network;
  }

  /**
   * The bytes behind an address, as they come.
   *
   * @throws HttpProblem 400 for what is not an address, 403 for one that is not allowed, 413 for too many bytes, 502 and
   *   504 where the other server fails
   */
  async *fetch(text: string, limits: BodyLimits): AsyncGenerator<Uint8Array, void, undefined> {
    const signal = AbortSignal.timeout(limits.deadline);
    let url = this.#check(text);
    for (let redirects = 0; ; redirects++) {
      const address = await this.#addressOf(url);
      using response = await this.#request(url, address, signal);
      const { status, headers, body } = response;
      const location = headers.get("Location");
      if (REDIRECTS.has(status) && location !== null) {
        await body?.cancel();
        if (redirects >= MAX_REDIRECTS) throw bad("The address redirects too often.");
        url = this.#check(location, url);
        continue;
      }
      if (status !== 200) {
        await body?.cancel();
        throw new HttpProblem(502, "INPUT_NOT_FOUND", `The address answered with ${status}.`);
      }
      if (Number(headers.get("Content-Length") ?? 0) > limits.maxBytes) {
        await body?.cancel();
        const detail = `The file has more than the ${limits.maxBytes} bytes that are allowed.`;
        throw new HttpProblem(413, "BODY_TOO_LARGE", detail);
      }
      yield* readBody(body, limits);
      return;
    }
  }

  /** Whether an address is of a listed host. @throws HttpProblem 400, 403 */
  check(text: string): void {
    this.#check(text);
  }

  /**
   * Sends a message; redirects are not followed.
   *
   * @returns the status of the answer
   * @throws HttpProblem as {@link fetch}
   */
  async post(
    text: string,
    body: string,
    headers: Readonly<Record<string, string>>,
    deadline: number,
  ): Promise<number> {
    const signal = AbortSignal.timeout(deadline);
    const url = this.#check(text);
    const address = await this.#addressOf(url);
    using response = await this.#request(url, address, signal, { body, headers });
    await response.body?.cancel();
    return response.status;
  }

  #check(text: string, base?: URL): URL {
    let url: URL;
    try {
      url = new URL(text, base);
    } catch {
      throw bad("The url is not an address.");
    }
    if (text.length > MAX_URL) throw bad("The url is too long.");
    if (url.protocol !== "https:" && url.protocol !== "http:") throw forbidden("its scheme");
    if (url.username !== "" || url.password !== "") throw forbidden("a user in it");
    if (!this.#hosts.some((host) => matches(host, url))) throw forbidden("its host");
    return url;
  }

  async #addressOf({ hostname }: URL): Promise<string> {
    const network = this.#network;
    const { isPublic = isPublicAddress } = network;
    let addresses: readonly string[];
    try {
      addresses = await network.resolve(hostname.replace(/^\[|\]$/g, ""));
    } catch {
      throw new HttpProblem(502, "INPUT_NOT_FOUND", "The host of the url is not known.");
    }
    // One bad address is enough: which one is used is nobody's choice but the network's.
    if (addresses.length === 0 || !addresses.every((address) => isPublic(address))) {
      throw forbidden("where its host is");
    }
    return addresses[0] as string;
  }

  async #request(
    url: URL,
    address: string,
    signal: AbortSignal,
    message?: UrlMessage,
  ): Promise<UrlResponse> {
    try {
      return await this.#network.request(url, address, signal, message);
    } catch {
      if (signal.aborted) {
        throw new HttpProblem(504, "INPUT_NOT_FOUND", "The address did not answer in time.");
      }
      throw new HttpProblem(502, "INPUT_NOT_FOUND", "The address cannot be reached.");
    }
  }
}

/** Whether an entry of the allow-list means this address. */
function matches(entry: string, url: URL): boolean {
  const plain = entry.startsWith("http://");
  if ((url.protocol === "http:") !== plain) return false;
  const [, host = "", port = ""] = /^(?:https?:\/\/)?(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (port !== url.port) return false;
  const name = url.hostname.toLowerCase();
  return host.startsWith("*.") ? name.endsWith(host.slice(1)) : name === host;
}

function forbidden(what: string): HttpProblem {
  return new HttpProblem(403, "URL_NOT_ALLOWED", `The url is not allowed because of ${what}.`);
}

function bad(detail: string): HttpProblem {
  return new HttpProblem(400, "BAD_REQUEST", detail);
}
