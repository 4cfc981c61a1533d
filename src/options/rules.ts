/** How options are checked, and the errors for those that do not pass. */
import { GlyphpoolError } from "../errors.ts";

/** Largest delay that timers keep; longer ones fire at once. */
export const MAX_DELAY: number = 2 ** 31 - 1;

export interface Rule {
  readonly allowed: string;
  readonly accepts: (value: unknown) => boolean;
  /** Name of the environment variable, and how its text becomes a value. */
  readonly environment?: readonly [name: string, parse: (text: string) => unknown];
}

export function checkObject(name: string, value: unknown): void {
  if (typeof value !== "object" || value === null) throw invalidOption(name, value, "an object");
}

export function unknownOption(name: string, names: readonly string[]): GlyphpoolError {
  const message = `There is no option ${name}. The options are: ${names.join(", ")}.`;
  return new GlyphpoolError("INVALID_OPTION", message);
}

/** The error for one bad option, also for those that are checked elsewhere. */
export function invalidOption(name: string, value: unknown, allowed: string): GlyphpoolError {
  return new GlyphpoolError("INVALID_OPTION", `${name} is ${show(value)}; allowed: ${allowed}.`);
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  try {
    return JSON.stringify(value).slice(0, 200);
  } catch {
    return "an object";
  }
}

export function oneOf(...values: readonly string[]): Rule {
  return {
    allowed: values.map((value) => JSON.stringify(value)).join(", "),
    accepts: (value) => values.includes(value as string),
  };
}

/** A text that is not blank, and the variable that sets it. */
export function textFrom(variable: string, allowed: string): Rule {
  const accepts = (value: unknown): boolean => typeof value === "string" && value.trim() !== "";
  return { allowed, accepts, environment: [variable, String] };
}

export function integer(min: number, max: number): Rule {
  return {
    allowed: `a whole number from ${min} to ${max}`,
    accepts: (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
  };
}

/** A finite number between two bounds, both included. */
export function number(min: number, max: number): Rule {
  return {
    allowed: `a number from ${min} to ${max}`,
    accepts: (value) => typeof value === "number" && value >= min && value <= max,
  };
}

/** A number of bytes, or a text such as `"512MiB"`. */
export const SIZE: Rule = {
  allowed: 'a number of bytes above 0 or a text such as "512MiB"',
  accepts: (value) => parseSize(value) !== undefined,
};

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

/** Bytes of a size; nothing where it is not one. */
export function parseSize(value: unknown): number | undefined {
  if (typeof value === "number") return value > 0 && Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string") return undefined;
  const [, digits, unit] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(value) ?? [];
  const factor = UNITS[(unit ?? "?").toLowerCase()];
  const bytes = Math.floor(Number(digits) * (factor ?? NaN));
  return bytes > 0 ? bytes : undefined;
}

/** Texts that mean neither stay texts: folders for `cache`, and for the rest something to complain of. */
export function toBoolean(text: string): boolean | string {
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  return /^(0|false|no|off)$/i.test(text) ? false : text;
}
