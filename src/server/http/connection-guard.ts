/**
 * Stands between the network and `Deno.serve`, which neither notices that a client has gone away while its request is
 * worked on, nor ever closes a connection that sends nothing. Bytes are passed on as they are.
 */

export interface ConnectionLimits {
  /** Connections at the same time; more are closed at once. */
  readonly maxConnections: number;
  /** Milliseconds that a connection may live without a request: for its first headers, and between two requests. */
  readonly idle: number;
}

/** Bytes that are passed on at once. */
const PIECE = 64 * 2 ** 10;

/** Milliseconds for the last bytes of an answer. */
const LINGER = 500;

interface Link {
  readonly client: Deno.TcpConn;
  readonly inner: Deno.TcpConn;
  readonly gone: AbortController;
  /** Requests that are being answered. */
  requests: number;
  idleSince: number;
}

export class ConnectionGuard {
  readonly #listener: Deno.TcpListener;
  readonly #port: number;
  readonly #limits: ConnectionLimits;
  /** By the port that the inner server sees. */
  readonly #links = new Map<number, Link>();
  readonly #timer: ReturnType<typeof setInterval>;
  #connections = 0;

  /** @param port of the inner server, on the loopback device */
  constructor(listener: Deno.TcpListener, port: number, limits: ConnectionLimits) {
    this.#listener = listener;
    this.#port = port;
    this.#limits = limits;
    this.#timer = setInterval(() => this.#closeIdle(), limits.idle / 4);
    void this.#accept();
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#connections;
  }

  /**
   * Notes that a request is worked on.
   *
   * @param port where it comes from, as the inner server sees it
   * @param ended settles when its answer has been sent; `true` closes the connection then
   * @returns fires when the client goes away; nothing for who has not come through here
   */
  request(port: number, ended: Promise<boolean>): AbortSignal | undefined {
    const link = this.#links.get(port);
    if (!link) return undefined;
    link.requests++;
    const end = (close: boolean): void => {
      link.requests--;
      link.idleSince = performance.now();
      // At once, the system would throw away what the client has not read yet.
      if (close) setTimeout(() => this.#close(port), LINGER);
    };
    ended.then(end, () => end(true));
    return link.gone.signal;
  }

  /** Takes no more connections, and ends those that there are. */
  close(): void {
    clearInterval(this.#timer);
    this.#listener.close();
    for (const port of this.#links.keys()) this.#close(port);
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) {
      if (this.#connections >= this.#limits.maxConnections) client.close();
      else void this.#serve(client);
    }
  }

  async #serve(client: Deno.TcpConn): Promise<void> {
    this.#connections++;
    try {
      const inner = await Deno.connect({ hostname: "127.0.0.1", port: this.#port });
      const { port } = inner.localAddr;
      const gone = new AbortController();
      this.#links.set(port, { client, inner, gone, requests: 0, idleSince: performance.now() });
      client.setNoDelay();
      inner.setNoDelay();
      // Whichever end goes first takes the other along.
      await Promise.race([pass(client, inner), pass(inner, client)]);
      this.#close(port);
    } catch {
      closeQuietly(client);
    } finally {
      this.#connections--;
    }
  }

  #close(port: number): void {
    const link = this.#links.get(port);
    if (!link) return;
    this.#links.delete(port);
    link.gone.abort();
    closeQuietly(link.client);
    closeQuietly(link.inner);
  }

  #closeIdle(): void {
    const since = performance.now() - this.#limits.idle;
    for (const [port, { requests, idleSince }] of this.#links) {
      if (requests === 0 && idleSince < since) this.#close(port);
    }
  }
}

/** Resolves when one side has ended or failed. */
async function pass(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(PIECE);
  try {
    for (;;) {
      const length = await from.read(buffer);
      if (length === null) return;
      for (let done = 0; done < length;) done += await to.write(buffer.subarray(done, length));
    }
  } catch {
    // Reset, or closed by us.
  }
}

function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}
