/** Who may ask for what: bearer tokens of which only hashes are known here. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { parseSize } from "../../options/rules.ts";

/** `operator` also sees and steers the memory; `metrics` only reads figures. */
export type Role = "user" | "operator" | "metrics";

const ROLES: readonly Role[] = ["user", "operator", "metrics"];

/** Bounds of one token; the server's own hold for what is absent. */
export interface TokenLimits {
  readonly maxTasks?: number;
  readonly maxBytes?: number;
  readonly requestsPerMinute?: number;
}

export interface Token {
  /** Owner of the tasks that come with it. */
  readonly name: string;
  readonly role: Role;
  readonly limits: TokenLimits;
}

/** Whoever asks a server without tokens. */
export const ANYBODY: Token = { name: "anybody", role: "operator", limits: {} };

/** Bytes of a token: too many to guess, so that a fast hash is enough. */
const TOKEN_BYTES = 32;

interface Entry {
  readonly token: Token;
  readonly hash: Buffer;
}

export class Tokens {
  #entries: readonly Entry[];

  /**
   * @param text JSON: `[{ "name", "sha256", "role"?, "maxTasks"?, "maxBytes"?, "requestsPerMinute"? }]`
   * @throws Error that says which entry is wrong, and never quotes it
   */
  static parse(text: string): Tokens {
    let list: unknown;
    try {
      list = JSON.parse(text);
    } catch {
      throw new Error("The file of tokens is not valid JSON.");
    }
    if (!Array.isArray(list)) throw new Error("The file of tokens is not a list.");
    return new Tokens(list.map(toEntry));
  }

  constructor(entries: readonly Entry[]) {
    if (entries.length === 0) throw new Error("The file of tokens is empty.");
    const names = new Set(entries.map(({ token }) => token.name));
    if (names.size < entries.length) throw new Error("Two tokens have one name.");
    this.#entries = entries;
  }

  /** Takes over what another file says. */
  replace(other: Tokens): void {
    this.#entries = other.#entries;
  }

  /** The token of an `Authorization` header. Takes the same time whichever it is, if any. */
  find(authorization: string | null): Token | undefined {
    const given = /^Bearer ([\x21-\x7e]{1,500})$/i.exec(authorization ?? "")?.[1];
    const hash = hashOf(given ?? "");
    let found: Token | undefined;
    for (const entry of this.#entries) {
      if (timingSafeEqual(hash, entry.hash)) found = entry.token;
    }
    return given === undefined ? undefined : found;
  }
}

/** A new token, and the hash that the server is to know it by. */
export function makeToken(): { token: string; sha256: string } {
  const token = `gp_${randomBytes(TOKEN_BYTES).toString("base64url")}`;
  return { token, sha256: hashOf(token).toString("hex") };
}

function hashOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

function toEntry(value: unknown, index: number): Entry {
  const wrong = (why: string): Error => new Error(`Token ${index + 1} of the file ${why}.`);
  if (typeof value !== "object" || value === null) throw wrong("is not an object");
  const { name, sha256, role = "user", ...limits } = value as Record<string, unknown>;
  if (typeof name !== "string" || !/^[\w.@-]{1,100}$/.test(name)) {
    throw wrong("needs a name of letters, digits and . _ @ -");
  }
  if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/i.test(sha256)) {
    throw wrong("needs a sha256 of 64 hexadecimal digits");
  }
  if (!ROLES.includes(role as Role)) throw wrong(`needs a role of ${ROLES.join(", ")}`);
  const token = { name, role: role as Role, limits: toLimits(limits, wrong) };
  return { token, hash: Buffer.from(sha256, "hex") };
}

function toLimits(given: Record<string, unknown>, wrong: (why: string) => Error): TokenLimits {
  const limits: Record<string, number> = {};
  for (const [name, value] of Object.entries(given)) {
    const figure = name === "maxBytes" ? parseSize(value) : value;
    if (!["maxTasks", "maxBytes", "requestsPerMinute"].includes(name)) {
      throw wrong(`has an unknown field ${name}`);
    }
    if (typeof figure !== "number" || !(figure > 0)) throw wrong(`needs a number for ${name}`);
    limits[name] = figure;
  }
  return limits;
}
