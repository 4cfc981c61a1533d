import { describe, expect, it } from "vitest";
import { fromWireError, GlyphpoolError, toWireError } from "../../src/errors.ts";

describe("errors", () => {
  it("keep code and retryability over the wire", () => {
    const wire = structuredClone(toWireError(new GlyphpoolError("DEVICE_LOST", "gone")));
    const back = fromWireError(wire);
    expect(back).toBeInstanceOf(GlyphpoolError);
    expect(back.code).toBe("DEVICE_LOST");
    expect(back.retryable).toBe(true);
    expect(back.message).toBe("gone");
    expect(GlyphpoolError.is({ brand: back.brand })).toBe(true);
  });

  it("call everything unknown INTERNAL", () => {
    expect(toWireError(new TypeError("x is not a function")).code).toBe("INTERNAL");
    expect(toWireError("text").message).toBe("text");
    expect(toWireError({ code: 3, message: undefined }).code).toBe("INTERNAL");
  });

  it("name aborts as the platform does", () => {
    expect(new GlyphpoolError("ABORTED", "stop").name).toBe("AbortError");
    expect(new GlyphpoolError("INTERNAL", "bug").name).toBe("GlyphpoolError");
  });
});
