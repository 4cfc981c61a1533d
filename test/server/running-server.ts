/** A real server in a process of its own, started as `npm run serve` does it. */
import { serveCommand, serveEnvironment } from "../../scripts/serve.mjs";

export interface LogLine {
  readonly message: string;
  readonly [field: string]: unknown;
}

export interface ServerStart {
  /** Settings by their variables. */
  readonly env?: Readonly<Record<string, string>>;
  readonly data: string;
  /** Milliseconds until it listens. */
  readonly patience?: number;
  readonly supervise?: boolean;
  /** Files and connections that it may have open. */
  readonly descriptors?: number;
}

export class RunningServer implements AsyncDisposable {
  /** What it has said so far. */
  readonly lines: LogLine[] = [];
  /** What it has printed that is no line of the log. */
  readonly noise: string[] = [];
  readonly status: Promise<Deno.CommandStatus>;
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  #onLine: (() => void) | undefined;
  #address: string | undefined;

  /** Starts a server on a free port and waits until it listens. */
  static async start(options: ServerStart): Promise<RunningServer> {
    const server = new RunningServer(options);
    const { address } = await server.says("listening", options.patience ?? 30_000);
    server.#address = address as string;
    return server;
  }

  constructor({ env = {}, data, supervise = false, descriptors }: ServerStart) {
    const port = String(freePort());
    const settings = {
      GLYPHPOOL_BACKEND: "wasm",
      GLYPHPOOL_PORT: port,
      GLYPHPOOL_DATA: data,
      ...env,
    };
    const { command, args } = serveCommand(settings, { supervise });
    const limited = ["-c", `ulimit -n ${descriptors}; exec "$0" "$@"`, command, ...args];
    this.#child = new Deno.Command(descriptors === undefined ? command : "sh", {
      args: descriptors === undefined ? args : limited,
      env: serveEnvironment({ ...Deno.env.toObject(), ...settings }),
      clearEnv: true,
      stdin: "null",
      stdout: "inherit",
      stderr: "piped",
    }).spawn();
    this.status = this.#child.status;
    this.#reading = this.#read();
  }

  get address(): string {
    if (!this.#address) throw new Error("The server does not listen.");
    return this.#address;
  }

  get pid(): number {
    return this.#child.pid;
  }

  async fetch(path: string, init?: RequestInit): Promise<Response> {
    return await fetch(`${this.address}${path}`, init);
  }

  /** Resolves with the first line of this message that was not asked for yet. */
  async says(message: string, patience = 30_000): Promise<LogLine> {
    const late = Date.now() + patience;
    let ended = false;
    const onEnd = (): void => {
      ended = true;
      this.#onLine?.();
    };
    this.#reading.then(onEnd, onEnd);
    for (;;) {
      const at = this.lines.findIndex((line) => line.message === message);
      if (at >= 0) return this.lines.splice(0, at + 1).at(-1) as LogLine;
      if (ended || Date.now() > late) {
        const heard = [...this.lines.map((line) => JSON.stringify(line)), ...this.noise];
        throw new Error(`The server did not say "${message}": ${heard.join("\n")}`);
      }
      await new Promise<void>((resolve) => {
        this.#onLine = resolve;
        setTimeout(resolve, 100);
      });
    }
  }

  send(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Sends a signal and waits for the end. */
  async end(signal: Deno.Signal): Promise<{ code: number; by: string | null; ms: number }> {
    const start = performance.now();
    this.send(signal);
    const { code, signal: by } = await this.status;
    await this.#reading;
    return { code, by, ms: performance.now() - start };
  }

  async #read(): Promise<void> {
    let rest = "";
    for await (const chunk of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop() ?? "";
      for (const part of parts) this.#take(part);
      this.#onLine?.();
    }
  }

  #take(text: string): void {
    if (text.startsWith("{")) this.lines.push(JSON.parse(text) as LogLine);
    else if (text !== "") this.noise.push(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.send("SIGKILL");
    } catch {
      // Ended already.
    }
    await this.status;
    await this.#reading.catch(() => undefined);
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
