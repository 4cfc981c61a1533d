/** The composition root of the server: settings in, a listening server out, and its orderly end. */
import { join, resolve } from "node:path";
import { deferred } from "../../core/deferred.ts";
import { delay } from "../../core/wait.ts";
import { createEngine } from "../../engine/create-engine.ts";
import type { Engine, EngineOptions } from "../../engine/engine.ts";
import { createApp } from "../http/app.ts";
import type { ServerContext } from "../http/context.ts";
import { emptyFolder, lockFolder } from "../store/files.ts";
import { ConnectionGuard } from "../http/connection-guard.ts";
import type { Log } from "./log.ts";
import { openStore } from "../store/open-store.ts";
import { PdfWriter } from "../results/pdf-writer.ts";
import { RateLimit } from "../http/rate-limit.ts";
import { RestartGuard } from "./restart-guard.ts";
import { TaskRunner } from "../tasks/runner.ts";
import type { ServerSettings } from "./settings.ts";
import { Slots } from "../http/slots.ts";
import { Statistics } from "../tasks/statistics.ts";
import type { TaskStore } from "../store/task-store.ts";
import type { Tokens } from "../http/tokens.ts";
import { UrlInput } from "../intake/url-input.ts";
import { Webhooks } from "../webhooks/webhooks.ts";
import { denoNetwork } from "../intake/url-network.ts";

export interface ServerParts {
  readonly settings: ServerSettings;
  readonly engine: EngineOptions;
  readonly tokens: Tokens | undefined;
  readonly log: Log;
}

/** Milliseconds for a predecessor to leave the folder. */
const LOCK_PATIENCE = 30_000;
/** Milliseconds between two looks at what is too old, too much, or too large. */
const SWEEP_INTERVAL = 60_000;
/** Milliseconds between two samples where the settings say nothing; the engine takes its own as often. */
const SAMPLE_INTERVAL = 2_000;
/** Samples in a row above the bound. */
const GUARD_SAMPLES = 5;
/** Milliseconds at `critical`. */
const CRITICAL_TIME = 120_000;
/** Milliseconds between two looks for messages about ended tasks. */
const WEBHOOK_INTERVAL = 1_000;
/** Milliseconds before the part that speaks HTTP is started again. */
const HTTP_PAUSE = 100;
/** PDF results that may be waited for. */
const MAX_WAITING_PDFS = 64;
/** Milliseconds for the last answers. */
const CLOSE_PATIENCE = 2_000;

export class TaskServer {
  readonly #context: ServerContext;
  readonly #address: Deno.NetAddr;
  #http: Deno.HttpServer<Deno.NetAddr>;
  readonly #connections: ConnectionGuard;
  readonly #drain: AbortController;
  readonly #close: AbortController;
  readonly #timers: ReturnType<typeof setInterval>[] = [];
  readonly #lock: Disposable;
  #stopping: Promise<void> | undefined;
  /** Told when a new process is needed. */
  onRestart: ((reason: string) => void) | undefined;

  /** @throws GlyphpoolError as `createEngine`; Error when the folder, the port or the store cannot be had */
  static async start(parts: ServerParts): Promise<TaskServer> {
    const { engine: options, tokens, log } = parts;
    const settings = { ...parts.settings, data: resolve(parts.settings.data) };
    // What was opened is closed again, the last one first, when a later step fails.
    await using opened = new AsyncDisposableStack();
    const lock = opened.use(await lockFolder(settings.data, LOCK_PATIENCE));
    const incoming = await emptyFolder(join(settings.data, "incoming"));
    const store = opened.use(await openStore(settings, log));
    const engine = await createEngine(options);
    opened.defer(() => engine.close());
    const statistics = new Statistics();
    const drain = new AbortController();
    const close = new AbortController();
    const runner = new TaskRunner({
      engine,
      store,
      tasks: settings.tasks ?? engine.info.workers,
      limits: { maxPages: settings.maxPages, deadline: settings.taskDeadline },
      maxAttempts: settings.maxAttempts,
      heartbeat: settings.heartbeat,
      statistics,
      log,
    });
    // With several tokens, none of them takes all there is.
    const slots = (capacity: number, what: string): Slots =>
      new Slots(capacity, what, tokens ? Math.ceil(capacity / 2) : capacity);
    const context: ServerContext = {
      settings,
      engine,
      store,
      runner,
      statistics,
      log,
      tokens,
      rate: new RateLimit(),
      urls: new UrlInput(settings.urlHosts, denoNetwork),
      incoming,
      webhooks: new UrlInput(settings.webhookHosts, denoNetwork),
      uploads: slots(settings.maxUploads, "uploads"),
      reads: slots(settings.maxReads, "reads"),
      streams: slots(settings.maxStreams, "event streams"),
      pdfs: new PdfWriter(settings.pdfWriters, MAX_WAITING_PDFS),
      draining: drain.signal,
      closing: close.signal,
    };
    const sampleInterval = options.sampleInterval || SAMPLE_INTERVAL;
    const listener = Deno.listen({ hostname: settings.host, port: settings.port });
    opened.use(listener);
    const server = new TaskServer(context, listener, drain, close, lock, sampleInterval);
    opened.move();
    return server;
  }

  private constructor(
    context: ServerContext,
    listener: Deno.TcpListener,
    drain: AbortController,
    close: AbortController,
    lock: Disposable,
    sampleInterval: number,
  ) {
    const { settings, engine, runner, store, log } = context;
    this.#context = context;
    this.#drain = drain;
    this.#close = close;
    this.#lock = lock;
    const { maxConnections, connectionIdle: idle } = settings;
    this.#address = listener.addr;
    this.#http = this.#speak(createApp(context));
    this.#connections = new ConnectionGuard(listener, () => this.#http.addr.port, {
      maxConnections,
      idle,
    });
    engine.memory.addEventListener("level", () => void runner.noteMemory());
    runner.start();
    this.#every(SWEEP_INTERVAL, () => this.#sweep(store));
    if (settings.webhookSecret !== undefined) {
      const webhooks = new Webhooks(store, context.webhooks, settings.webhookSecret, log);
      this.#every(WEBHOOK_INTERVAL, () => webhooks.send());
    }
    const guard = new RestartGuard({
      maxProcess: settings.maxProcess,
      samples: GUARD_SAMPLES,
      criticalSamples: Math.ceil(CRITICAL_TIME / sampleInterval),
    });
    this.#every(sampleInterval, async () => this.#guard(guard, engine));
    const { address } = this;
    const { backend, workers } = engine.info;
    log.info("listening", { address, store: store.location, backend, workers });
  }

  /** `http://127.0.0.1:8080` */
  get address(): string {
    const { hostname, port } = this.#address;
    return `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
  }

  /**
   * Takes no new work, ends what is under way or, after the deadline, gives it back to the queue, and closes all.
   * Calling it again waits for the same end.
   */
  async stop(deadline: number): Promise<void> {
    this.#stopping ??= this.#stop(deadline);
    await this.#stopping;
  }

  /** Starts the part that speaks HTTP, and starts it again when it ends by itself: without descriptors Deno gives up. */
  #speak(app: ReturnType<typeof createApp>): Deno.HttpServer<Deno.NetAddr> {
    const inner = { hostname: "127.0.0.1", port: 0, onListen: (): void => undefined };
    const http = Deno.serve(inner, (request, info) => this.#answer(app, request, info));
    const restart = async (error: unknown): Promise<void> => {
      if (this.#stopping) return;
      this.#context.log.error("HTTP is started again", { error });
      while (!this.#stopping) {
        await delay(HTTP_PAUSE);
        try {
          this.#http = this.#speak(app);
          return;
        } catch {
          // There is still no descriptor.
        }
      }
    };
    http.finished.catch(restart);
    return http;
  }

  async #answer(
    app: ReturnType<typeof createApp>,
    request: Request,
    { remoteAddr, completed }: Deno.ServeHandlerInfo<Deno.NetAddr>,
  ): Promise<Response> {
    const ended = deferred<boolean>();
    const gone = this.#connections.request(remoteAddr.port, ended.promise);
    if (!gone) return new Response(null, { status: 403 });
    try {
      const response = await answer(app, request, gone);
      const close = response.headers.get("Connection") === "close";
      completed.then(
        () => ended.resolve(close),
        () => ended.resolve(true),
      );
      return response;
    } catch (error) {
      ended.resolve(true);
      throw error;
    }
  }

  async #stop(deadline: number): Promise<void> {
    const { runner, engine, store, log, reads } = this.#context;
    const end = performance.now() + deadline;
    log.info("shutting down", { running: runner.running });
    this.#drain.abort();
    await runner.drain(deadline);
    while (reads.used > 0 && performance.now() < end) await delay(20);
    this.#close.abort();
    for (const timer of this.#timers) clearInterval(timer);
    // Connections that idle are closed, answers that are being sent get a little time.
    await Promise.race([this.#http.shutdown(), delay(CLOSE_PATIENCE)]);
    this.#connections.close();
    // Each of them is closed even where another one fails.
    await using closing = new AsyncDisposableStack();
    closing.use(this.#lock);
    closing.use(store);
    closing.defer(() => engine.close());
    await closing.disposeAsync();
    log.info("shut down");
  }

  async #sweep(store: TaskStore): Promise<void> {
    const { settings, log } = this.#context;
    const removed = await store.sweep(settings.retention, settings.maxStored);
    if (removed > 0) log.info("removed ended tasks", { removed });
  }

  #guard(guard: RestartGuard, { memory }: Engine): void {
    const { level, workers } = memory.snapshot();
    const processes = Object.values(workers).map((worker) => worker?.process ?? 0);
    const bytes = processes.reduce((sum, each) => sum + each, Deno.memoryUsage().rss);
    const reason = guard.see({ bytes, level });
    if (reason !== undefined) this.onRestart?.(reason);
  }

  #every(milliseconds: number, work: () => Promise<void>): void {
    const { log } = this.#context;
    let busy = false;
    const timer = setInterval(() => {
      if (busy) return;
      busy = true;
      work()
        .catch((error: unknown) => log.error("a regular task failed", { error }))
        .finally(() => (busy = false));
    }, milliseconds);
    this.#timers.push(timer);
  }
}

/** HEAD is GET without a body: what would have been the body is ended, with all that it holds. */
async function answer(
  app: ReturnType<typeof createApp>,
  request: Request,
  gone: AbortSignal,
): Promise<Response> {
  if (request.method !== "HEAD") return await app.fetch(request, { gone });
  const { url, headers, signal } = request;
  const response = await app.fetch(new Request(url, { headers, signal }), { gone });
  await response.body?.cancel();
  return new Response(null, response);
}
