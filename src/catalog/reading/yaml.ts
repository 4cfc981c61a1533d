/**
 * The part of YAML that `inference.yml` files use: block mappings and sequences (a sequence may sit at
 * the indentation of its key), flow sequences, plain and quoted scalars. All scalars stay strings: a
 * dictionary entry `0` or `n` is a character, not a number or a boolean.
 */

import { GlyphpoolError } from "../../errors.ts";

/** A parsed node. `null` is an empty value. */
export type YamlNode = string | null | YamlNode[] | { [key: string]: YamlNode };

interface Line {
  readonly indent: number;
  readonly text: string;
  readonly number: number;
}

/**
 * Parses one top-level section; the others are not looked at, since they use YAML that is not
 * supported here (anchors).
 *
 * @returns undefined when the section does not exist
 * @throws GlyphpoolError `MODEL_INVALID` with the line number
 */
export function parseYamlSection(text: string, section: string): YamlNode | undefined {
  const lines: Line[] = [];
  let inside = false;
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    // Only ASCII blanks are YAML's white space: U+3000 is a character of the dictionaries.
    if (/^[ \t]*(#|$)/.test(line)) continue;
    const indent = /^ */.exec(line)?.[0].length ?? 0;
    if (indent === 0 && !line.startsWith("-")) {
      if (inside) break;
      inside = new RegExp(`^${section}:[ \t]*$`).test(line);
    } else if (inside) {
      lines.push({ indent, text: line.slice(indent), number: index + 1 });
    }
  }
  return inside ? new Parser(lines).block(0) : undefined;
}

class Parser {
  readonly #lines: Line[];
  #at = 0;

  constructor(lines: Line[]) {
    this.#lines = lines;
  }

  /** The node whose lines are indented by at least `minimum`. */
  block(minimum: number): YamlNode {
    const line = this.#lines[this.#at];
    if (!line || line.indent < minimum) return null;
    return isItem(line.text) ? this.#sequence(line.indent) : this.#mapping(line.indent);
  }

  #sequence(indent: number): YamlNode[] {
    const items: YamlNode[] = [];
    for (
      let line = this.#lines[this.#at];
      line && line.indent === indent && isItem(line.text);
      line = this.#lines[this.#at]
    ) {
      const rest = line.text.slice(1);
      const content = rest.replace(/^[ \t]+/, "");
      if (content === "") {
        this.#at++;
        items.push(this.block(indent + 1));
      } else if (isItem(content) || findColon(content) >= 0) {
        // `- key: value` and `- - x`: what follows the dash is a block of its own, indented by it.
        const inner = indent + 1 + (rest.length - content.length);
        this.#lines[this.#at] = { ...line, indent: inner, text: content };
        items.push(this.block(inner));
      } else {
        this.#at++;
        items.push(scalarOrFlow(content, line.number));
      }
    }
    return items;
  }

  #mapping(indent: number): { [key: string]: YamlNode } {
    const map: { [key: string]: YamlNode } = {};
    for (
      let line = this.#lines[this.#at];
      line && line.indent === indent && !isItem(line.text);
      line = this.#lines[this.#at]
    ) {
      const colon = findColon(line.text);
      if (colon < 0) throw bad(line.number, "a key and a colon are expected");
      const key = line.text.slice(0, colon).trim();
      const value = line.text.slice(colon + 1).replace(/^[ \t]+/, "");
      this.#at++;
      if (value !== "" && !value.startsWith("#")) {
        map[key] = scalarOrFlow(value, line.number);
        continue;
      }
      const next = this.#lines[this.#at];
      map[key] = this.block(next && isItem(next.text) ? indent : indent + 1);
    }
    const stray = this.#lines[this.#at];
    if (stray && stray.indent > indent) throw bad(stray.number, "unexpected indentation");
    return map;
  }
}

function isItem(text: string): boolean {
  return text === "-" || text.startsWith("- ") || text.startsWith("-\t");
}

/** Index of the colon that ends a key; -1 when the text is a scalar. */
function findColon(text: string): number {
  if (/^["'[{]/.test(text)) return -1;
  return text.search(/:([ \t]|$)/);
}

function scalarOrFlow(text: string, number: number): YamlNode {
  if (!text.startsWith("[")) return scalar(text, number);
  const end = text.lastIndexOf("]");
  if (end < 0) throw bad(number, "a list that starts with [ ends on the same line");
  const inner = text.slice(1, end).trim();
  return inner === "" ? [] : inner.split(",").map((item) => scalar(item.trim(), number));
}

function scalar(text: string, number: number): string | null {
  if (text.startsWith("'")) {
    const match = /^'((?:[^']|'')*)'[ \t]*(#.*)?$/.exec(text);
    if (!match) throw bad(number, "the single-quoted text has no end");
    return (match[1] ?? "").replaceAll("''", "'");
  }
  if (text.startsWith('"')) {
    const match = /^"((?:[^"\\]|\\.)*)"[ \t]*(#.*)?$/.exec(text);
    if (!match) throw bad(number, "the double-quoted text has no end");
    return unescape(match[1] ?? "", number);
  }
  const plain = text.replace(/[ \t]+#.*$/, "").replace(/[ \t]+$/, "");
  return plain === "null" ? null : plain;
}

const ESCAPES: Record<string, string> = {
  "0": "\0",
  a: "\x07",
  b: "\b",
  t: "\t",
  "\t": "\t",
  n: "\n",
  v: "\v",
  f: "\f",
  r: "\r",
  e: "\x1b",
  " ": " ",
  '"': '"',
  "/": "/",
  "\\": "\\",
  N: "\x85",
  _: "\xa0",
  L: "\u2028",
  P: "\u2029",
};

function unescape(text: string, number: number): string {
  return text.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/gsu,
    (_, x?: string, u?: string, long?: string, single?: string) => {
      const hex = x ?? u ?? long;
      const char =
        hex === undefined ? ESCAPES[single ?? ""] : String.fromCodePoint(Number.parseInt(hex, 16));
      if (char === undefined) throw bad(number, `unknown escape \\${single ?? ""}`);
      return char;
    },
  );
}

function bad(number: number, message: string): GlyphpoolError {
  return new GlyphpoolError("MODEL_INVALID", `inference.yml, line ${number}: ${message}.`);
}
