/**
 * The size of the runtime's WebAssembly heap. No public interface tells it, but the heap is the one
 * memory that never shrinks, so the host has to know it to decide when a worker is to be replaced.
 */
export class WasmHeap {
  #memories: WebAssembly.Memory[] = [];

  /** Bytes of all heaps that were created while `during` ran. */
  get bytes(): number {
    return this.#memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
  }

  /** Notes every WebAssembly.Memory that is constructed while `work` runs. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const Original = WebAssembly.Memory;
    const memories = this.#memories;
    WebAssembly.Memory = new Proxy(Original, {
      construct(target, args: [WebAssembly.MemoryDescriptor]): WebAssembly.Memory {
        const memory = new target(...args);
        memories.push(memory);
        return memory;
      },
    });
    try {
      return await work();
    } finally {
      WebAssembly.Memory = Original;
    }
  }
}
