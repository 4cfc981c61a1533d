/** Finds marked content and forms in a content stream, without drawing it. (PDF 32000-1:2008, 7.8 and 14.6) */

export interface Mark {
  /** The name of a form that is drawn here. All other fields belong to marks. */
  readonly form?: string;
  /** Names the properties of a mark among the page's resources. */
  readonly properties?: string;
  /** The actual text, where the mark itself holds it. */
  readonly text?: string;
}

const WHITE = /[\0\t\n\f\r ]/;
const DELIMITER = /[()<>[\]{}/%]/;

/** Marks named Span that have no number, and forms, in order. */
export function marksOf(parts: readonly Uint8Array[]): Mark[] {
  const decoder = new TextDecoder("latin1");
  return new Scanner(parts.map((part) => decoder.decode(part)).join("\n")).marks();
}

class Scanner {
  readonly #code: string;
  #at = 0;

  constructor(code: string) {
    this.#code = code;
  }

  marks(): Mark[] {
    const found: Mark[] = [];
    // Operands stand before their operator; no more than the last two matter.
    let operands: Value[] = [];
    for (let value = this.#next(); value !== undefined; value = this.#next()) {
      if (!(value instanceof Operator)) {
        operands = [...operands.slice(-1), value];
        continue;
      }
      const [tag, properties] = operands;
      if (value.name === "Do" && operands.at(-1) instanceof Name) {
        found.push({ form: (operands.at(-1) as Name).name });
      } else if (value.name === "BDC" && tag instanceof Name && tag.name === "Span") {
        if (properties instanceof Name) found.push({ properties: properties.name });
        else if (properties instanceof Map && !properties.has("MCID")) {
          const text = properties.get("ActualText");
          found.push(typeof text === "string" ? { text: textOf(text) } : {});
        }
      } else if (value.name === "ID") this.#skipImage();
      operands = [];
    }
    return found;
  }

  /** The next operand or operator; nothing at the end. */
  #next(): Value | undefined {
    for (;;) {
      while (WHITE.test(this.#code[this.#at] ?? "")) this.#at++;
      if (this.#code[this.#at] !== "%") break;
      while (this.#at < this.#code.length && !/[\r\n]/.test(this.#code[this.#at] ?? "")) this.#at++;
    }
    const first = this.#code[this.#at];
    if (first === undefined) return undefined;
    if (first === "(") return this.#string();
    if (first === "/") {
      this.#at++;
      const name = this.#word();
      return new Name(
        name.replaceAll(/#([\da-f]{2})/gi, (_, hex: string) =>
          String.fromCharCode(parseInt(hex, 16)),
        ),
      );
    }
    if (this.#code.startsWith("<<", this.#at)) return this.#dict();
    if (first === "<") return this.#hex();
    if (DELIMITER.test(first)) {
      this.#at++;
      // Arrays and ends of dictionaries: nothing of interest.
      if (first === ">" && this.#code[this.#at] === ">") {
        this.#at++;
        return END;
      }
      return first === "[" || first === "]" ? 0 : this.#next();
    }
    const word = this.#word();
    return /^[+-.\d]/.test(word) ? Number(word) : new Operator(word);
  }

  #word(): string {
    const start = this.#at;
    while (this.#at < this.#code.length) {
      const letter = this.#code[this.#at] as string;
      if (WHITE.test(letter) || DELIMITER.test(letter)) break;
      this.#at++;
    }
    return this.#code.slice(start, this.#at);
  }

  #dict(): Map<string, Value> {
    const entries = new Map<string, Value>();
    this.#at += 2;
    let key: string | undefined;
    for (let value = this.#next(); value !== undefined && value !== END; value = this.#next()) {
      if (key === undefined) key = value instanceof Name ? value.name : undefined;
      else {
        entries.set(key, value);
        key = undefined;
      }
    }
    return entries;
  }

  #hex(): string {
    const end = this.#code.indexOf(">", this.#at);
    const digits = this.#code
      .slice(this.#at + 1, end < 0 ? undefined : end)
      .replaceAll(/[^\da-f]/gi, "");
    this.#at = end < 0 ? this.#code.length : end + 1;
    const padded = digits.length % 2 === 0 ? digits : `${digits}0`;
    return (padded.match(/../g) ?? [])
      .map((pair) => String.fromCharCode(parseInt(pair, 16)))
      .join("");
  }

  #string(): string {
    let text = "";
    let depth = 0;
    for (; this.#at < this.#code.length; this.#at++) {
      const letter = this.#code[this.#at] as string;
      if (letter === "\\") {
        const octal = /^[0-7]{1,3}/.exec(this.#code.slice(this.#at + 1, this.#at + 4))?.[0];
        const next = this.#code[++this.#at] ?? "";
        if (octal) {
          text += String.fromCharCode(parseInt(octal, 8) & 255);
          this.#at += octal.length - 1;
        } else if (!/[\r\n]/.test(next)) text += ESCAPES[next] ?? next;
        continue;
      }
      if (letter === "(" && depth++ === 0) continue;
      if (letter === ")" && --depth === 0) break;
      text += letter;
    }
    this.#at++;
    return text;
  }

  /** The data of an inline image end where a word of its own says so. */
  #skipImage(): void {
    const end = /\sEI(?=\s|$)/g;
    end.lastIndex = this.#at;
    this.#at = end.exec(this.#code) ? end.lastIndex : this.#code.length;
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

class Name {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

class Operator {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** The end of a dictionary. */
const END = Symbol("end");

type Value = Name | Operator | Map<string, Value> | string | number | typeof END;

/** @param bytes of a PDF's string, one in each character */
function textOf(bytes: string): string {
  const array = Uint8Array.from(bytes, (letter) => letter.charCodeAt(0));
  if (bytes.startsWith("\u00FE\u00FF"))
    return new TextDecoder("utf-16be").decode(array.subarray(2));
  if (bytes.startsWith("\u00EF\u00BB\u00BF")) return new TextDecoder().decode(array.subarray(3));
  return bytes;
}
