/** A worker as the engine starts it: without a location, and with permission to read only. */
Object.defineProperty(globalThis, "location", {
  value: undefined,
  configurable: true,
  writable: true,
});
const { decodeImage } = await import("../../src/image/decode.ts");
const { denoDecoder } = await import("../../src/image/decode-deno.ts");
const limits = { maxBytes: 1e6, maxPixels: 1e6, maxSide: 5000 };
const sizes: string[] = [];
for (const name of [
  "progressive.jpg",
  "cmyk.jpg",
  "orientation-6.png",
  "lossy.webp",
  "plain.avif",
]) {
  const file = new URL(`../fixtures/images/${name}`, import.meta.url);
  const { width, height } = await decodeImage(Deno.readFileSync(file), limits, denoDecoder);
  sizes.push(`${name} ${width}x${height}`);
}
(globalThis as unknown as { postMessage(message: unknown): void }).postMessage(sizes);
