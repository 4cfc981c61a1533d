/** Every setting: its meaning, default, environment name and check. */
import { MEMORY_RULES, memoryFromEnvironment, resolveMemorySettings } from "./memory.ts";
import type { MemorySettings, ResolvedMemorySettings } from "./memory.ts";
import { resolveBase } from "./base.ts";
import type { BaseFolders, ResolvedBase } from "./base.ts";
import {
  MAX_DELAY,
  checkObject,
  integer,
  invalidOption,
  number,
  oneOf,
  textFrom,
  toBoolean,
  unknownOption,
} from "./rules.ts";
import { LIMITS_ALLOWED, resolveLimits } from "./limits.ts";
import type { Rule } from "./rules.ts";
import { ANALYSES, STRUCTURE_RULES, wantsStructure } from "./structure.ts";
import type { StructureOptions } from "./structure.ts";
import type { Backend, ImageLimits, Progress, Rect, TaskRecord } from "../types.ts";

/**
 * `layout`: column by column, as the built-in layout finds them; pages of labels and values, such as receipts, are read
 * row by row. `rows`: row by row, whatever columns there are. `source`: the order in which a PDF draws its text; what
 * is read from pixels is in the order of the layout.
 */
export type ReadingOrder = "layout" | "rows" | "source";

/** Settings of an engine. All are optional; `createEngine` checks them before it does anything else. */
export interface Settings extends MemorySettings {
  /** BCP 47 language of the text, where the models offer several recognisers. */
  readonly language?: string;
  /** What may be read: a script (`Latin`) or characters (`0-9.,`). Default: all; `Latin` where the language has it. */
  readonly alphabet?: string;
  /** Default `auto`: WebGPU where it is real hardware and agrees with wasm, else wasm. */
  readonly backend?: Backend;
  /** Build of the model runtime. Default `auto`: JSPI where the platform has it, else Asyncify. */
  readonly runtime?: "auto" | "jspi" | "asyncify";
  /**
   * Threads per worker of the wasm backend. Default: half the cores, at most 4. Without cross-origin
   * isolation, and in Deno, it is always 1.
   */
  readonly threads?: number;
  /** Pages that are read at the same time. Default: 1; in Deno with wasm one per core, at most 4. */
  readonly workers?: number;
  /**
   * Milliseconds that one read may take after it has left the queue, 0 for no end. Default 120000. The
   * clock starts anew while models are downloaded, and with each tile of a large picture. A worker that exceeds it is replaced.
   */
  readonly deadline?: number;
  /** Milliseconds for the start of a worker. Default 60000. */
  readonly startDeadline?: number;
  /** Bounds for inputs, checked before pixels are decoded. */
  readonly limits?: Partial<ImageLimits>;
  /** Whether upside-down lines are turned, if the models can tell. Default true. */
  readonly orientation?: boolean;
  /** Lines that are read with less confidence, 0–1, are left out. Default 0.5; 0 keeps all. */
  readonly minConfidence?: number;
  /** Whether downloaded models are kept. Default true. A string is the folder for them (Deno). */
  readonly cache?: boolean | string;
  /**
   * Folder of the workers and the embedded models, or one folder for each kind of file. In browsers only. Default:
   * where the bundler has put them.
   */
  readonly base?: string | URL | BaseFolders;
}

/** Settings with their defaults filled in. The optional ones have defaults that depend on the platform. */
export type ResolvedSettings = Required<
  Omit<
    Settings,
    "language" | "alphabet" | "threads" | "workers" | "limits" | "base" | keyof MemorySettings
  >
> &
  Pick<Settings, "language" | "alphabet" | "threads" | "workers"> &
  ResolvedMemorySettings & { readonly limits: ImageLimits; readonly base: ResolvedBase };

const RULES: Readonly<Record<keyof Settings, Rule>> = {
  language: textFrom("GLYPHPOOL_LANGUAGE", 'a BCP 47 language such as "en" or "zh-Hant"'),
  alphabet: textFrom(
    "GLYPHPOOL_ALPHABET",
    'a script such as "Latin", or characters such as "0-9."',
  ),
  backend: {
    ...oneOf("auto", "webgpu", "wasm"),
    environment: ["GLYPHPOOL_BACKEND", String],
  },
  runtime: {
    ...oneOf("auto", "jspi", "asyncify"),
    environment: ["GLYPHPOOL_RUNTIME", String],
  },
  threads: { ...integer(1, 64), environment: ["GLYPHPOOL_THREADS", Number] },
  workers: { ...integer(1, 64), environment: ["GLYPHPOOL_WORKERS", Number] },
  deadline: { ...integer(0, MAX_DELAY), environment: ["GLYPHPOOL_DEADLINE", Number] },
  startDeadline: { ...integer(0, MAX_DELAY), environment: ["GLYPHPOOL_START_DEADLINE", Number] },
  limits: {
    allowed: LIMITS_ALLOWED,
    accepts: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  },
  orientation: {
    allowed: "true or false",
    accepts: (value) => typeof value === "boolean",
    environment: ["GLYPHPOOL_ORIENTATION", toBoolean],
  },
  minConfidence: { ...number(0, 1), environment: ["GLYPHPOOL_MIN_CONFIDENCE", Number] },
  cache: {
    allowed: "true, false or a folder",
    accepts: (value) => typeof value === "boolean" || (typeof value === "string" && value !== ""),
    environment: ["GLYPHPOOL_CACHE", toBoolean],
  },
  // Looked at by `resolveBase`.
  base: { allowed: "a folder, or { workers, runtime, models }", accepts: () => true },
  ...MEMORY_RULES,
};

/**
 * Checks settings and fills in the defaults. A setting that is `undefined` counts as absent.
 *
 * @param others names of options that belong to the caller and are not looked at
 * @throws GlyphpoolError `INVALID_OPTION`, naming the option, its value and what is allowed
 */
export function resolveSettings(
  settings: Settings,
  others: readonly string[] = [],
): ResolvedSettings {
  checkObject("options", settings);
  for (const [name, value] of Object.entries(settings)) {
    if (others.includes(name)) continue;
    const rule = Object.hasOwn(RULES, name) ? RULES[name as keyof Settings] : undefined;
    if (!rule) throw unknownOption(name, [...others, ...Object.keys(RULES)]);
    if (value !== undefined && !rule.accepts(value)) throw invalidOption(name, value, rule.allowed);
  }
  const { language, alphabet, threads, workers } = settings;
  return {
    backend: settings.backend ?? "auto",
    runtime: settings.runtime ?? "auto",
    deadline: settings.deadline ?? 120_000,
    startDeadline: settings.startDeadline ?? 60_000,
    orientation: settings.orientation ?? true,
    minConfidence: settings.minConfidence ?? 0.5,
    cache: settings.cache ?? true,
    limits: resolveLimits(settings.limits ?? {}),
    base: resolveBase(settings.base),
    ...resolveMemorySettings(settings),
    ...(language === undefined ? {} : { language }),
    ...(alphabet === undefined ? {} : { alphabet }),
    ...(threads === undefined ? {} : { threads }),
    ...(workers === undefined ? {} : { workers }),
  };
}

/** Settings from `GLYPHPOOL_*` variables; unset and empty ones are absent. Not checked yet. */
export function settingsFromEnvironment(get: (name: string) => string | undefined): Settings {
  const settings: Record<string, unknown> = { ...memoryFromEnvironment(get) };
  for (const [name, { environment }] of Object.entries(RULES)) {
    const text = environment && get(environment[0]);
    if (text) settings[name] = environment[1](text);
  }
  const limits = Object.fromEntries(
    Object.entries(LIMIT_VARIABLES).flatMap(([name, variable]) => {
      const text = get(variable);
      return text ? [[name, Number(text)]] : [];
    }),
  );
  return Object.keys(limits).length === 0 ? settings : { ...settings, limits };
}

/** Bounds of an image by their environment names. */
const LIMIT_VARIABLES: Readonly<Record<keyof ImageLimits, string>> = {
  maxBytes: "GLYPHPOOL_MAX_BYTES",
  maxPixels: "GLYPHPOOL_MAX_PIXELS",
  maxSide: "GLYPHPOOL_MAX_SIDE",
};

/** Options of one read. */
export interface ReadOptions extends StructureOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Read only this part of the image; polygons stay in the frame of the whole image. */
  readonly region?: Rect;
  /** Stop after detection: lines carry polygons and an empty text. */
  readonly detectOnly?: boolean;
  /** The image is one line of text: skip detection. */
  readonly recognizeOnly?: boolean;
  /** Overrides the engine's bound for this image. Without recognition it has no effect. */
  readonly minConfidence?: number;
  /** Overrides the engine's language for this image. */
  readonly language?: string;
  /** The order of the lines, in `page.lines` and everything made of them. Default `layout`. */
  readonly order?: ReadingOrder;
  /** Image of a TIFF file that has several, from 1. Default 1. */
  readonly page?: number;
  /** Overrides the engine's deadlines for this image, in milliseconds; 0 for no end. */
  readonly deadline?: number;
  /** Higher goes first among the reads that wait. Default 0. */
  readonly priority?: number;
  /** Reads of one document share a value; documents that wait take turns. */
  readonly group?: unknown;
  /** Called once when the read has ended, however it ended, and all that it held is free. */
  readonly onComplete?: (record: TaskRecord) => unknown;
}

/** Which picture is encoded, and for how long anybody waits. */
export type EncodeOptions = Pick<
  ReadOptions,
  "page" | "signal" | "onProgress" | "onComplete" | "deadline" | "priority" | "group"
>;

const ENCODE_OPTIONS: readonly (keyof EncodeOptions)[] = [
  "page",
  "signal",
  "onProgress",
  "onComplete",
  "deadline",
  "priority",
  "group",
];

const FLAG: Rule = { allowed: "true or false", accepts: (value) => typeof value === "boolean" };

const ORDER = oneOf("layout", "rows", "source");

const READ_RULES: Readonly<Record<keyof ReadOptions, Rule>> = {
  signal: { allowed: "an AbortSignal", accepts: isSignal },
  onProgress: { allowed: "a function", accepts: (value) => typeof value === "function" },
  region: {
    allowed: "{ x, y, width, height } in pixels, with width and height above 0",
    accepts: isRegion,
  },
  detectOnly: FLAG,
  recognizeOnly: FLAG,
  minConfidence: RULES.minConfidence,
  language: RULES.language,
  order: ORDER,
  page: integer(1, 10_000),
  deadline: RULES.deadline,
  priority: {
    allowed: "a finite number",
    accepts: (value) => typeof value === "number" && Number.isFinite(value),
  },
  group: { allowed: "anything", accepts: () => true },
  onComplete: { allowed: "a function", accepts: (value) => typeof value === "function" },
  ...STRUCTURE_RULES,
};

/** @throws GlyphpoolError `INVALID_OPTION` */
export function checkReadOptions(options: ReadOptions): void {
  checkNamed(options, Object.keys(READ_RULES));
  if (options.detectOnly && options.recognizeOnly) {
    throw invalidOption("detectOnly", true, "false together with recognizeOnly");
  }
  const short = options.detectOnly ? "detectOnly" : options.recognizeOnly && "recognizeOnly";
  if (short && wantsStructure(options)) {
    const names = ["layout", "content", ...ANALYSES].join(", ");
    throw invalidOption(short, true, `false together with ${names}`);
  }
  const deferred = ANALYSES.find((name) => options[name] === "defer");
  if (deferred && !options.onUpdate) {
    throw invalidOption(deferred, "defer", '"defer" together with onUpdate, which gets the result');
  }
  if (options.layout === false && wantsStructure(options)) {
    throw invalidOption("layout", false, `true together with content or ${ANALYSES.join(", ")}`);
  }
}

/** @throws GlyphpoolError `INVALID_OPTION` */
export function checkEncodeOptions(options: EncodeOptions): void {
  checkNamed(options, ENCODE_OPTIONS);
}

function checkNamed(options: ReadOptions, allowed: readonly string[]): void {
  checkObject("options", options);
  for (const [name, value] of Object.entries(options)) {
    if (!allowed.includes(name)) throw unknownOption(name, allowed);
    const rule = READ_RULES[name as keyof ReadOptions];
    if (value !== undefined && !rule.accepts(value)) throw invalidOption(name, value, rule.allowed);
  }
}

/** By its shape: one from another realm is as good. */
function isSignal(value: unknown): boolean {
  const { aborted, addEventListener } = (value ?? {}) as Partial<AbortSignal>;
  return typeof aborted === "boolean" && typeof addEventListener === "function";
}

function isRegion(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { x, y, width, height } = value as Rect;
  return [x, y, width, height].every(Number.isFinite) && width > 0 && height > 0;
}
