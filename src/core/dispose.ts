/**
 * Defines `Symbol.dispose` and `Symbol.asyncDispose` where the engine lacks them (Safari), so that
 * classes can have such methods. To be called in every module that defines one, before the class.
 */
export function ensureDisposeSymbols(): void {
  for (const name of ["dispose", "asyncDispose"] as const) {
    if (Symbol[name]) continue;
    Object.defineProperty(Symbol, name, { value: Symbol.for(`Symbol.${name}`) });
  }
}
