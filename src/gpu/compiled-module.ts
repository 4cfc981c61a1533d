/**
 * The runtime's wasm, compiled once. A module can be posted to other workers of the same process, which
 * then start without compiling it again. The runtime has no option for that: it only asks the platform
 * to instantiate what it has fetched, so that is where the module comes in and out.
 */
export class CompiledModule {
  #module: WebAssembly.Module | undefined;

  /** @param known compiled by an earlier worker from the same build */
  constructor(known?: WebAssembly.Module) {
    this.#module = known;
  }

  /** Absent until the runtime has started. */
  get module(): WebAssembly.Module | undefined {
    return this.#module;
  }

  /** Hands the known module to whoever instantiates wasm while `work` runs, or keeps theirs. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const { instantiate, instantiateStreaming } = WebAssembly;
    const fromModule = async (
      imports: WebAssembly.Imports | undefined,
    ): Promise<WebAssembly.WebAssemblyInstantiatedSource | undefined> => {
      const module = this.#module;
      if (!module) return undefined;
      return { module, instance: await instantiate(module, imports) };
    };
    const keep = (
      source: WebAssembly.WebAssemblyInstantiatedSource,
    ): WebAssembly.WebAssemblyInstantiatedSource => {
      this.#module = source.module;
      return source;
    };
    WebAssembly.instantiate = (async (
      source: BufferSource | WebAssembly.Module,
      imports?: WebAssembly.Imports,
    ) => {
      if (source instanceof WebAssembly.Module) return await instantiate(source, imports);
      return (await fromModule(imports)) ?? keep(await instantiate(source, imports));
    }) as typeof instantiate;
    WebAssembly.instantiateStreaming = async (source, imports) => {
      const known = await fromModule(imports);
      if (!known) return keep(await instantiateStreaming(source, imports));
      await (await source).body?.cancel();
      return known;
    };
    try {
      return await work();
    } finally {
      WebAssembly.instantiate = instantiate;
      WebAssembly.instantiateStreaming = instantiateStreaming;
    }
  }
}
