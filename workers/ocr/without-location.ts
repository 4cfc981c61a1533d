/**
 * For Deno, and as the first import of a worker: there `location` has the origin "null", against
 * which onnxruntime-web resolves its own URL and throws. Without a `location` it does not try.
 */
Object.defineProperty(globalThis, "location", {
  value: undefined,
  configurable: true,
  writable: true,
});
