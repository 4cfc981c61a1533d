/** Tokens for tests: a file for the server, and what its clients send. */
import { makeToken } from "../../src/server/http/tokens.ts";

export interface TestTokens {
  readonly file: string;
  /** `Authorization` of each name. */
  readonly headers: Readonly<Record<string, { readonly Authorization: string }>>;
}

/** @param entries what each token's entry has beside its name and hash */
export async function writeTokens(
  folder: string,
  entries: Readonly<Record<string, object>>,
): Promise<TestTokens> {
  const made = Object.entries(entries).map(([name, entry]) => ({ name, entry, ...makeToken() }));
  const file = `${folder}/tokens.json`;
  const list = made.map(({ name, entry, sha256 }) => ({ name, sha256, ...entry }));
  await Deno.writeTextFile(file, JSON.stringify(list));
  const headers = made.map(({ name, token }) => [name, { Authorization: `Bearer ${token}` }]);
  return { file, headers: Object.fromEntries(headers) as TestTokens["headers"] };
}
