/** Conversion of half-precision numbers, for graphs whose inputs or outputs are float16. */

/** Present in every engine that has `shader-f16`; wasm-only ones may lack it. */
interface Float16ArrayLike extends ArrayLike<number> {
  readonly buffer: ArrayBufferLike;
}
type Float16ArrayConstructor = new (source: ArrayLike<number>) => Float16ArrayLike;

const Native = (globalThis as { Float16Array?: Float16ArrayConstructor }).Float16Array;

/** float32 → float16, in the array type that onnxruntime wants in this engine. */
export function toFloat16(source: Float32Array): Uint16Array {
  // onnxruntime checks for exactly the class that the engine offers; the cast bridges its older type.
  if (Native) return new Native(source) as unknown as Uint16Array;
  return Uint16Array.from(source, encode);
}

/** float16 as onnxruntime returns it (Float16Array or raw bits) → float32. */
export function fromFloat16(source: ArrayLike<number>): Float32Array {
  if (Native && source instanceof Native) return Float32Array.from(source);
  return Float32Array.from(source, decode);
}

const word = new Float32Array(1);
const bits = new Uint32Array(word.buffer);

/** Rounds half away from zero, which is within half a unit of what the hardware does. */
function encode(value: number): number {
  word[0] = value;
  const float = bits[0] as number;
  const sign = (float >>> 16) & 0x8000;
  const exponent = ((float >>> 23) & 0xff) - 112;
  const mantissa = float & 0x7fffff;
  if (Number.isNaN(value)) return 0x7e00;
  if (exponent >= 31) return sign | 0x7c00;
  if (exponent <= 0) return sign | Math.round(Math.abs(value) * 2 ** 24);
  return sign + (exponent << 10) + ((mantissa + 0x1000) >>> 13);
}

function decode(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 31;
  const mantissa = half & 0x3ff;
  if (exponent === 31) return mantissa ? NaN : sign * Infinity;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}
