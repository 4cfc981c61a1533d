/** The page's half of the benchmark: `window.bench`, driven by main.ts. */
import type { Adapter, BenchLine, BenchOptions } from "./adapters/adapter.ts";

export interface PageResult {
  ms: number;
  lines: BenchLine[];
  timings?: object;
}

export interface BenchPage {
  init(options: BenchOptions): Promise<Record<string, unknown>>;
  read(url: string): Promise<PageResult>;
  close(): Promise<void>;
}

declare global {
  interface Window {
    bench?: BenchPage;
  }
}

export function expose(adapter: Adapter): void {
  window.bench = {
    async init(options) {
      const start = performance.now();
      const parameters = await adapter.init(options);
      return {
        initMs: performance.now() - start,
        crossOriginIsolated: globalThis.crossOriginIsolated,
        ...plain(parameters),
      };
    },
    async read(url) {
      const bytes = await (await (await fetch(url)).blob()).arrayBuffer();
      const start = performance.now();
      const { lines, timings } = await adapter.read(bytes);
      const ms = performance.now() - start;
      return plain({ ms, lines, ...(timings ? { timings } : {}) });
    },
    close: () => adapter.close(),
  };
}

/** Only what survives the way to Node. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
