/** Small checks for untrusted JSON. Every failure names the path of the field. */

import { GlyphpoolError } from "../../errors.ts";

/** A value and where it stands. */
export class Field {
  readonly value: unknown;
  readonly path: string;

  constructor(value: unknown, path: string) {
    this.value = value;
    this.path = path;
  }

  /** @throws GlyphpoolError `MODEL_INVALID` */
  fail(expected: string): never {
    const got = this.value === undefined ? "nothing" : JSON.stringify(this.value);
    throw new GlyphpoolError(
      "MODEL_INVALID",
      `${this.path} must be ${expected}, but it is ${got.length > 80 ? `${got.slice(0, 80)}…` : got}.`,
    );
  }

  get missing(): boolean {
    return this.value === undefined;
  }

  /** A member of an object; unknown members are the caller's business. */
  get(name: string): Field {
    const { value } = this;
    if (typeof value !== "object" || value === null || Array.isArray(value)) this.fail("an object");
    return new Field((value as Record<string, unknown>)[name], `${this.path}.${name}`);
  }

  /** Refuses misspelt members, which would else be ignored in silence. */
  only(names: readonly string[]): this {
    const { value } = this;
    if (typeof value !== "object" || value === null || Array.isArray(value)) this.fail("an object");
    for (const name of Object.keys(value)) {
      if (names.includes(name)) continue;
      throw new GlyphpoolError(
        "MODEL_INVALID",
        `${this.path}.${name} is not known. Known: ${names.join(", ")}.`,
      );
    }
    return this;
  }

  items(): Field[] {
    if (!Array.isArray(this.value)) this.fail("a list");
    return this.value.map((item: unknown, index) => new Field(item, `${this.path}[${index}]`));
  }

  text(): string {
    return typeof this.value === "string" && this.value !== ""
      ? this.value
      : this.fail("a non-empty text");
  }

  match(pattern: RegExp, expected: string): string {
    return typeof this.value === "string" && pattern.test(this.value)
      ? this.value
      : this.fail(expected);
  }

  flag(): boolean {
    return typeof this.value === "boolean" ? this.value : this.fail("true or false");
  }

  oneOf<T extends string | number>(allowed: readonly T[]): T {
    return allowed.includes(this.value as T)
      ? (this.value as T)
      : this.fail(allowed.map((item) => JSON.stringify(item)).join(" or "));
  }

  number(minimum: number, maximum: number): number {
    const { value } = this;
    return typeof value === "number" && value >= minimum && value <= maximum
      ? value
      : this.fail(`a number from ${minimum} to ${maximum}`);
  }

  integer(minimum: number, maximum: number): number {
    return Number.isInteger(this.value)
      ? this.number(minimum, maximum)
      : this.fail(`a whole number from ${minimum} to ${maximum}`);
  }
}
