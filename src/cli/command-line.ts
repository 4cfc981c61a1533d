/** Splits a command line into options and arguments, and says in plain words what is wrong with it. */
import { parseArgs } from "node:util";
import { closest } from "../core/closest.ts";
import { UsageError } from "./usage-error.ts";

export interface OptionSpec {
  readonly type: "string" | "boolean";
  readonly short?: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

type ValueOf<S extends OptionSpec> = S["type"] extends "boolean" ? boolean : string;

export interface CommandLine<S extends OptionSpecs> {
  /** What was given; the last one wins. */
  readonly values: { readonly [K in keyof S]?: ValueOf<S[K]> };
  readonly positionals: readonly string[];
}

/** @throws UsageError for an unknown option (with the nearest known one), a missing or a needless value */
export function parseCommandLine<S extends OptionSpecs>(
  args: readonly string[],
  specs: S,
): CommandLine<S> {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { type, short }]) => [
      name,
      { type, ...(short === undefined ? {} : { short }) },
    ]),
  );
  const { tokens, positionals } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values: Record<string, string | boolean> = {};
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const { name, rawName, value } = token;
    const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
    if (!spec) throw unknownOption(rawName, Object.keys(specs));
    if (spec.type === "boolean") {
      if (value !== undefined) throw new UsageError(`${rawName} takes no value`);
      values[name] = true;
    } else {
      if (value === undefined || looksLikeOption(value, token.inlineValue)) {
        throw new UsageError(`${rawName} needs a value`);
      }
      values[name] = value;
    }
  }
  return { values: values as CommandLine<S>["values"], positionals };
}

/** `--output --format json`: the value was forgotten. `--output=--x` is meant. */
function looksLikeOption(value: string, inline: boolean | undefined): boolean {
  return !inline && /^--?[a-z]/i.test(value);
}

function unknownOption(given: string, names: readonly string[]): UsageError {
  const nearest = closest(given.replace(/^-+/, ""), names);
  const hint = nearest === undefined ? "" : `; did you mean --${nearest}?`;
  return new UsageError(`unknown option ${given}${hint}`);
}
