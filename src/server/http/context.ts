/** What the routes share. */
import type { Engine } from "../../engine/engine.ts";
import type { Log } from "../process/log.ts";
import type { PdfWriter } from "../results/pdf-writer.ts";
import type { RateLimit } from "./rate-limit.ts";
import type { TaskRunner } from "../tasks/runner.ts";
import type { ServerSettings } from "../process/settings.ts";
import type { Slots } from "./slots.ts";
import type { Statistics } from "../tasks/statistics.ts";
import type { TaskStore } from "../store/task-store.ts";
import type { Token, Tokens } from "./tokens.ts";
import type { UrlInput } from "../intake/url-input.ts";

export interface ServerContext {
  readonly settings: ServerSettings;
  readonly engine: Engine;
  readonly store: TaskStore;
  readonly runner: TaskRunner;
  readonly statistics: Statistics;
  readonly log: Log;
  /** Nothing where anybody may ask. */
  readonly tokens: Tokens | undefined;
  readonly rate: RateLimit;
  readonly urls: UrlInput;
  /** Where ends of tasks may be sent. */
  readonly webhooks: UrlInput;
  /** Folder for uploads that are under way. */
  readonly incoming: string;
  readonly uploads: Slots;
  readonly reads: Slots;
  readonly streams: Slots;
  readonly pdfs: PdfWriter;
  /** Fires when no new work is taken any more. */
  readonly draining: AbortSignal;
  /** Fires when everything that is still open has to end. */
  readonly closing: AbortSignal;
}

/** What Hono hands to every route. */
export interface ServerEnv {
  /** Fires when the client goes away. */
  Bindings: { gone: AbortSignal };
  /** Who asks. */
  Variables: { token: Token; requestId: string };
}
