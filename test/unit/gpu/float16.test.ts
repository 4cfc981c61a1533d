import { assert, float, property } from "fast-check";
import { describe, expect, it, vi } from "vitest";

/** Once as the engine does it, once as engines without Float16Array have to. */
async function load(native: boolean): Promise<typeof import("../../../src/gpu/float16.ts")> {
  if (!native) vi.stubGlobal("Float16Array", undefined);
  vi.resetModules();
  const module = await import("../../../src/gpu/float16.ts");
  vi.unstubAllGlobals();
  return module;
}

describe.each([true, false])("float16, native if there: %s", (native) => {
  it("keeps every number to half a unit in the eleventh bit", async () => {
    const { toFloat16, fromFloat16 } = await load(native);
    assert(
      property(float({ min: -60_000, max: 60_000, noNaN: true }), (value) => {
        const [back] = fromFloat16(toFloat16(Float32Array.of(value)));
        const unit = Math.max(2 ** -24, Math.abs(value) * 2 ** -10);
        expect(Math.abs((back as number) - value)).toBeLessThanOrEqual(unit / 2);
      }),
    );
  });

  it("keeps the special ones", async () => {
    const { toFloat16, fromFloat16 } = await load(native);
    const values = Float32Array.of(0, -0, Infinity, -Infinity, NaN, 1e9, 2 ** -24, 65504);
    const expected = Float32Array.of(0, -0, Infinity, -Infinity, NaN, Infinity, 2 ** -24, 65504);
    expect(fromFloat16(toFloat16(values))).toEqual(expected);
  });
});
