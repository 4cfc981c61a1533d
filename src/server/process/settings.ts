/** Every setting of the server: its environment name, default and check. Those of the engine are in config.ts. */
import { integer, invalidOption, oneOf, parseSize, SIZE } from "../../options/rules.ts";
import type { Rule } from "../../options/rules.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const MiB = 2 ** 20;
const GiB = 2 ** 30;
/** Largest delay that timers keep. */
const MAX_DELAY = 2 ** 31 - 1;

const COUNT: Rule = integer(1, 1_000_000);
const MILLISECONDS: Rule = integer(1, MAX_DELAY);
const TEXT: Rule = { allowed: "a text", accepts: (value) => value !== "" };
const DATABASE: Rule = {
  allowed: "an address such as postgresql://user:password@host/database",
  accepts: (value) =>
    typeof value === "string" && /^postgres(ql)?:$/.test(URL.parse(value)?.protocol ?? ""),
};
const LIST: Rule = { allowed: "names with commas between them", accepts: () => true };

/** Times are milliseconds, sizes bytes. The variables and defaults are in {@link SETTINGS} below. */
export interface ServerSettings {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Folder of this process: uploads under way, and the embedded store. */
  readonly data: string;
  readonly tokensFile: string | undefined;
  /** PostgreSQL in place of the embedded store. */
  readonly databaseUrl: string | undefined;
  readonly models: string;
  /** Hosts that inputs may be fetched from, see url-input.ts. */
  readonly urlHosts: readonly string[];
  /** Hosts that the ends of tasks may be sent to, written as those of inputs. */
  readonly webhookHosts: readonly string[];
  /** Signs what is sent to them. */
  readonly webhookSecret: string | undefined;
  /** Whether each request is a line of the log. */
  readonly accessLog: string;
  /** Origins of web pages that may ask. */
  readonly corsOrigins: readonly string[];
  /** Bytes of a file. */
  readonly maxBody: number;
  readonly maxPages: number;
  /** Pixels of an image. */
  readonly maxPixels: number;
  /** Width or height of an image. */
  readonly maxSide: number;
  readonly maxConnections: number;
  /** For the first headers of a connection, and between two requests. */
  readonly connectionIdle: number;
  /** At the same time. */
  readonly maxUploads: number;
  /** Between two pieces of a body. */
  readonly uploadIdle: number;
  readonly uploadDeadline: number;
  /** Tasks that have not ended, and bytes of their inputs; the same for each token. */
  readonly maxTasks: number;
  readonly maxTaskBytes: number;
  readonly tokenMaxTasks: number;
  readonly tokenMaxBytes: number;
  /** Requests of a token in a minute. */
  readonly tokenRequests: number;
  /** Bytes of inputs and results of all tasks. */
  readonly maxStored: number;
  /** After which ended tasks are deleted. */
  readonly retention: number;
  readonly maxAttempts: number;
  /** At the same time; nothing for as many as the engine has workers. */
  readonly tasks: number | undefined;
  readonly taskDeadline: number;
  /** Synchronous reads: at the same time, bytes, pages, time. */
  readonly maxReads: number;
  readonly readMaxBody: number;
  readonly readMaxPages: number;
  readonly readDeadline: number;
  /** Event streams at the same time. */
  readonly maxStreams: number;
  /** Searchable PDFs that are written at the same time; more wait. */
  readonly pdfWriters: number;
  /** Between two signs of life of a running task; PostgreSQL waits 10 s for one. */
  readonly heartbeat: number;
  /** For running tasks at a shutdown. */
  readonly drainDeadline: number;
  /** Resident bytes above which a new process is asked for. */
  readonly maxProcess: number | undefined;
}

type Kind = "text" | "list" | "number" | "size";

interface Setting<T> {
  readonly variable: string;
  readonly kind: Kind;
  readonly rule: Rule;
  readonly fallback: T;
}

const text = <T extends string | undefined>(variable: string, fallback: T): Setting<T> => ({
  variable,
  kind: "text",
  rule: TEXT,
  fallback,
});
const list = (variable: string): Setting<readonly string[]> => ({
  variable,
  kind: "list",
  rule: LIST,
  fallback: [],
});
const figure = <T extends number | undefined>(
  variable: string,
  fallback: T,
  rule: Rule,
): Setting<T | number> => ({ variable, kind: "number", rule, fallback });
const size = <T extends number | undefined>(
  variable: string,
  fallback: T,
): Setting<T | number> => ({ variable, kind: "size", rule: SIZE, fallback });

const SETTINGS: { readonly [Name in keyof ServerSettings]: Setting<ServerSettings[Name]> } = {
  host: text("GLYPHPOOL_HOST", "127.0.0.1"),
  port: figure("GLYPHPOOL_PORT", 8080, integer(0, 65_535)),
  data: text("GLYPHPOOL_DATA", "glyphpool-data"),
  tokensFile: text("GLYPHPOOL_TOKENS_FILE", undefined),
  databaseUrl: {
    variable: "GLYPHPOOL_DATABASE_URL",
    kind: "text",
    rule: DATABASE,
    fallback: undefined,
  },
  models: text("GLYPHPOOL_MODELS", "embedded"),
  urlHosts: list("GLYPHPOOL_URL_HOSTS"),
  webhookHosts: list("GLYPHPOOL_WEBHOOK_HOSTS"),
  webhookSecret: text("GLYPHPOOL_WEBHOOK_SECRET", undefined),
  accessLog: {
    variable: "GLYPHPOOL_ACCESS_LOG",
    kind: "text",
    rule: oneOf("on", "off"),
    fallback: "on",
  },
  corsOrigins: list("GLYPHPOOL_CORS_ORIGINS"),
  maxBody: size("GLYPHPOOL_MAX_BODY", 128 * MiB),
  maxPages: figure("GLYPHPOOL_MAX_PAGES", 1_000, COUNT),
  maxPixels: figure("GLYPHPOOL_MAX_PIXELS", 100_000_000, integer(1_024, 1e9)),
  maxSide: figure("GLYPHPOOL_MAX_SIDE", 20_000, integer(32, 1e6)),
  maxConnections: figure("GLYPHPOOL_MAX_CONNECTIONS", 1_000, COUNT),
  connectionIdle: figure("GLYPHPOOL_CONNECTION_IDLE", 30_000, MILLISECONDS),
  maxUploads: figure("GLYPHPOOL_MAX_UPLOADS", 64, COUNT),
  uploadIdle: figure("GLYPHPOOL_UPLOAD_IDLE", 10_000, MILLISECONDS),
  uploadDeadline: figure("GLYPHPOOL_UPLOAD_DEADLINE", 5 * MINUTE, MILLISECONDS),
  maxTasks: figure("GLYPHPOOL_MAX_TASKS", 1_000, COUNT),
  maxTaskBytes: size("GLYPHPOOL_MAX_TASK_BYTES", 4 * GiB),
  tokenMaxTasks: figure("GLYPHPOOL_TOKEN_MAX_TASKS", 500, COUNT),
  tokenMaxBytes: size("GLYPHPOOL_TOKEN_MAX_BYTES", 2 * GiB),
  tokenRequests: figure("GLYPHPOOL_TOKEN_REQUESTS", 6_000, COUNT),
  maxStored: size("GLYPHPOOL_MAX_STORED", 20 * GiB),
  retention: figure("GLYPHPOOL_RETENTION", 24 * HOUR, integer(0, Number.MAX_SAFE_INTEGER)),
  maxAttempts: figure("GLYPHPOOL_MAX_ATTEMPTS", 3, integer(1, 100)),
  tasks: figure("GLYPHPOOL_TASKS", undefined, integer(1, 64)),
  taskDeadline: figure("GLYPHPOOL_TASK_DEADLINE", 30 * MINUTE, MILLISECONDS),
  maxReads: figure("GLYPHPOOL_MAX_READS", 8, COUNT),
  readMaxBody: size("GLYPHPOOL_READ_MAX_BODY", 16 * MiB),
  readMaxPages: figure("GLYPHPOOL_READ_MAX_PAGES", 10, COUNT),
  readDeadline: figure("GLYPHPOOL_READ_DEADLINE", 2 * MINUTE, MILLISECONDS),
  maxStreams: figure("GLYPHPOOL_MAX_STREAMS", 256, COUNT),
  pdfWriters: figure("GLYPHPOOL_PDF_WRITERS", 1, integer(1, 64)),
  heartbeat: figure("GLYPHPOOL_HEARTBEAT", 3_000, integer(500, 5_000)),
  drainDeadline: figure("GLYPHPOOL_DRAIN_DEADLINE", 25_000, integer(0, MAX_DELAY)),
  maxProcess: size("GLYPHPOOL_MAX_PROCESS", undefined),
};

/** Names of the variables, for the help text. */
export const SERVER_VARIABLES: readonly string[] = Object.values(SETTINGS).map(
  ({ variable }) => variable,
);

/**
 * Settings from the environment, defaults filled in. Empty variables count as absent.
 *
 * @throws GlyphpoolError `INVALID_OPTION`, naming the variable, its value and what is allowed
 */
export function serverSettings(get: (name: string) => string | undefined): ServerSettings {
  const settings = Object.entries(SETTINGS).map(([name, setting]) => {
    const { variable, kind, rule, fallback } = setting;
    const given = get(variable);
    if (given === undefined || given === "") return [name, fallback];
    const value = parse(given, kind);
    // An address may hold a password.
    const shown = name === "databaseUrl" || name === "webhookSecret" ? "a text" : given;
    if (!rule.accepts(kind === "size" ? given : value)) {
      throw invalidOption(variable, shown, rule.allowed);
    }
    return [name, value];
  });
  return Object.fromEntries(settings) as ServerSettings;
}

function parse(given: string, kind: Kind): string | number | readonly string[] | undefined {
  switch (kind) {
    case "text":
      return given;
    case "list":
      return given
        .split(",")
        .map((part) => part.trim())
        .filter((part) => part !== "");
    case "number":
      return Number(given);
    case "size":
    default:
      return parseSize(given);
  }
}
