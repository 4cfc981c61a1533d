/** The command line cannot be used; the message says why. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
}
