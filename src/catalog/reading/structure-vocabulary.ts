/** From a vocabulary file to the tokens of a formula reader: id → text. */
import { GlyphpoolError } from "../../errors.ts";

/** Far beyond any vocabulary: a larger id is damage, not a token. */
const MOST_TOKENS = 1_000_000;

/**
 * Reads a `tokenizer.json` of Hugging Face, the same inside an `inference.yml` that was turned into JSON
 * (`fast_tokenizer_file`), or a `vocab.json` with `idx2word`.
 *
 * @returns the tokens as the file spells them; special ones, and ids without a token, are empty
 * @throws GlyphpoolError `MODEL_INVALID` when the file is none of these
 */
export async function loadVocabulary(file: Blob): Promise<string[]> {
  const json = parse(await file.text());
  const tokenizer = child(json, "fast_tokenizer_file") ?? json;
  const entries = wordsOf(tokenizer) ?? tokensOf(tokenizer);
  if (!entries || entries.length === 0) throw invalid("it lists no tokens");
  const tokens: string[] = [];
  for (const [id, token] of entries) {
    if (!Number.isInteger(id) || id < 0 || id > MOST_TOKENS) throw invalid(`${id} is not an id`);
    tokens[id] = token;
  }
  return Array.from(tokens, (token) => token ?? "");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid("it is not valid JSON", cause);
  }
}

/** `{ "idx2word": { "3": "!" }, "special_tokens": { "eos": 2 } }` */
function wordsOf(json: unknown): [number, string][] | undefined {
  const words = child(json, "idx2word");
  if (!words) return undefined;
  const special = new Set(Object.values(child(json, "special_tokens") ?? {}));
  return Object.entries(words).map(([key, word]) => {
    const id = Number(key);
    return [id, special.has(id) ? "" : String(word)];
  });
}

/** `{ "model": { "vocab": { "!": 3 } }, "added_tokens": [{ "id": 2, "content": "</s>", "special": true }] }` */
function tokensOf(json: unknown): [number, string][] | undefined {
  const vocab = child(child(json, "model"), "vocab");
  if (!vocab) return undefined;
  const tokens = Object.entries(vocab).map(([token, id]): [number, string] => [Number(id), token]);
  const added = child(json, "added_tokens");
  for (const entry of Array.isArray(added) ? (added as unknown[]) : []) {
    const { id, content, special } = (entry ?? {}) as Record<string, unknown>;
    tokens.push([Number(id), special === true ? "" : String(content)]);
  }
  return tokens;
}

function child(json: unknown, name: string): object | undefined {
  if (typeof json !== "object" || json === null) return undefined;
  const value = (json as Record<string, unknown>)[name];
  return typeof value === "object" && value !== null ? value : undefined;
}

function invalid(why: string, cause?: unknown): GlyphpoolError {
  const message = `The vocabulary cannot be used: ${why}.`;
  return new GlyphpoolError("MODEL_INVALID", message, cause === undefined ? {} : { cause });
}
