/** Packages that only some users need: optional peers, which npm does not install by itself. */
import { GlyphpoolError } from "../errors.ts";

/**
 * Loads a module that needs such a package.
 *
 * @param load the dynamic import; called once
 * @param name the package, as npm knows it
 * @param purpose what it is needed for: "The task server"
 * @throws GlyphpoolError `MODULE_MISSING`, with the command that installs it; other errors as they are
 */
export async function loadOptional<T>(
  load: () => Promise<T>,
  name: string,
  purpose: string,
): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if (!isMissing(cause, name)) throw cause;
    const message = `${purpose} needs the package ${name}, which is not installed. Run: npm install ${name}`;
    throw new GlyphpoolError("MODULE_MISSING", message, { cause });
  }
}

/** Node, Bun, Deno and bundlers word it each in their own way; all of them name the package. */
function isMissing(cause: unknown, name: string): boolean {
  const { message } = cause as Partial<Error>;
  if (!message?.includes(name)) return false;
  return /cannot find|could not (find|resolve)|not a dependency|failed to resolve/i.test(message);
}
