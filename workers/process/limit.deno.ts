/**
 * Ends a child process that grows too large. Its main thread looks, because the worker's is busy then; buffers lie
 * outside of the heap that V8 can be told to limit.
 */

/** Exit code: killed for its memory, as shells report it. */
const EXIT_MEMORY = 137;

/** Milliseconds between two looks. A stream unpacks about 100 MB in that time. */
const INTERVAL = 200;

/** @param maxBytes resident bytes of the process, 0 for no limit */
export function limitProcess(maxBytes: number): void {
  if (!(maxBytes > 0)) return;
  setInterval(() => {
    const { rss } = Deno.memoryUsage();
    if (rss <= maxBytes) return;
    const text = `glyphpool: the process ends: it holds ${rss} bytes, ${maxBytes} are allowed\n`;
    Deno.stderr.writeSync(new TextEncoder().encode(text));
    Deno.exit(EXIT_MEMORY);
  }, INTERVAL);
}
