/**
 * Stands between the network and `Deno.serve`, which tells by `request.signal` that a client has gone away, but never
 * closes a connection that sends no request or takes no answer, has no limit for connections, and stops accepting when
 * the system is out of descriptors. Bytes are passed on as they are.
 */
import { delay } from "../../core/wait.ts";

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
/** Milliseconds after a client's last bytes within which the end of what it sends is no wish to end all. */
const HALF_CLOSE = 20;
/** Milliseconds before the next connection is taken where the system had no descriptor for this one. */
const ACCEPT_PAUSE = 100;

interface Link {
  readonly client: Deno.TcpConn;
  readonly inner: Deno.TcpConn;
  readonly gone: AbortController;
  /** Requests that are being answered. */
  requests: number;
  idleSince: number;
  /** Since when the client has not taken what is there for it. */
  writingSince: number | undefined;
  /** When its last bytes came. */
  heard: number;
  /** It sends nothing more, but may still want its answer. */
  halfClosed: boolean;
}

export class ConnectionGuard {
  readonly #listener: Deno.TcpListener;
  readonly #port: () => number;
  readonly #limits: ConnectionLimits;
  /** By the port that the inner server sees. */
  readonly #links = new Map<number, Link>();
  readonly #timer: ReturnType<typeof setInterval>;
  #connections = 0;
  #closed = false;

  /** @param port of the inner server, on the loopback device; it may change */
  constructor(listener: Deno.TcpListener, port: () => number, limits: ConnectionLimits) {
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
      if (link.halfClosed) close = true;
      // At once, the system would throw away what the client has not read yet.
      if (close) setTimeout(() => this.#close(port), LINGER);
    };
    ended.then(end, () => end(true));
    return link.gone.signal;
  }

  /** Takes no more connections, and ends those that there are. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#listener.close();
    for (const port of this.#links.keys()) this.#close(port);
  }

  async #accept(): Promise<void> {
    for (;;) {
      let client: Deno.TcpConn;
      try {
        client = await this.#listener.accept();
      } catch (error) {
        if (this.#closed || error instanceof Deno.errors.BadResource) return;
        // Out of descriptors, or a connection that was reset before it was taken: others may fare better.
        await delay(ACCEPT_PAUSE);
        continue;
      }
      if (this.#connections >= this.#limits.maxConnections) client.close();
      else void this.#serve(client);
    }
  }

  async #serve(client: Deno.TcpConn): Promise<void> {
    this.#connections++;
    try {
      const inner = await Deno.connect({ hostname: "127.0.0.1", port: this.#port() });
      const { port } = inner.localAddr;
      const gone = new AbortController();
      const now = performance.now();
      const link: Link = {
        client,
        inner,
        gone,
        requests: 0,
        idleSince: now,
        writingSince: undefined,
        heard: now,
        halfClosed: false,
      };
      this.#links.set(port, link);
      client.setNoDelay();
      inner.setNoDelay();
      // Whichever end goes first takes the other along.
      await Promise.race([fromClient(link), toClient(link)]);
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
    for (const [port, { requests, idleSince, writingSince = Infinity }] of this.#links) {
      // Who takes nothing of its answer holds as much as who sends nothing.
      if ((requests === 0 && idleSince < since) || writingSince < since) this.#close(port);
    }
  }
}

/**
 * Resolves when the client has gone. One that only ends what it sends, right after its request, still gets the answer;
 * later the same sign means that it does not want it any more.
 */
async function fromClient(link: Link): Promise<void> {
  const { client, inner } = link;
  const onBytes = (): void => void (link.heard = performance.now());
  const ended = await pass(client, inner, onBytes, () => undefined);
  if (!ended || performance.now() - link.heard > HALF_CLOSE) return;
  link.halfClosed = true;
  await new Promise<never>(() => undefined);
}

/** Resolves when there is nothing more for the client, or it cannot be told. */
async function toClient(link: Link): Promise<void> {
  const begin = (): void => void (link.writingSince = performance.now());
  const end = (): void => void (link.writingSince = undefined);
  await pass(link.inner, link.client, begin, end);
}

/** @returns whether the one side has ended, in place of either failing */
async function pass(
  from: Deno.Conn,
  to: Deno.Conn,
  onBytes: () => void,
  onWritten: () => void,
): Promise<boolean> {
  const buffer = new Uint8Array(PIECE);
  try {
    for (;;) {
      const length = await from.read(buffer);
      if (length === null) return true;
      for (let done = 0; done < length;) {
        onBytes();
        done += await to.write(buffer.subarray(done, length));
      }
      onWritten();
    }
  } catch {
    // Reset, or closed by us.
    return false;
  }
}

function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}
