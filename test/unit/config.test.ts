import { describe, expect, it } from "vitest";
import {
  DEFAULT_LIMITS,
  checkReadOptions,
  resolveSettings,
  settingsFromEnvironment,
} from "../../src/config.ts";
import type { ReadOptions, Settings } from "../../src/config.ts";

describe("settings", () => {
  it("have defaults", () => {
    expect(resolveSettings({})).toEqual({
      backend: "auto",
      runtime: "auto",
      deadline: 120_000,
      startDeadline: 60_000,
      orientation: true,
      minConfidence: 0.5,
      cache: true,
      limits: DEFAULT_LIMITS,
    });
  });

  it("take undefined for absent", () => {
    const settings = { backend: undefined, threads: undefined } as unknown as Settings;
    expect(resolveSettings(settings).backend).toBe("auto");
  });

  it("fill in the limits that are not given", () => {
    expect(resolveSettings({ limits: { maxSide: 100 } }).limits).toEqual({
      ...DEFAULT_LIMITS,
      maxSide: 100,
    });
  });

  it.each([
    [{ backend: "cuda" }, `backend is "cuda"; allowed: "auto", "webgpu", "wasm".`],
    [{ runtime: 1 }, `runtime is 1; allowed: "auto", "jspi", "asyncify".`],
    [{ threads: 0 }, `threads is 0; allowed: a whole number from 1 to 64.`],
    [{ workers: 1.5 }, `workers is 1.5; allowed: a whole number from 1 to 64.`],
    [{ deadline: -1 }, `deadline is -1; allowed: a whole number from 0 to 2147483647.`],
    [{ deadline: NaN }, `deadline is NaN; allowed: a whole number from 0 to 2147483647.`],
    [{ orientation: "maybe" }, `orientation is "maybe"; allowed: true or false.`],
    [{ minConfidence: 1.1 }, `minConfidence is 1.1; allowed: a number from 0 to 1.`],
    [{ minConfidence: "0.5" }, `minConfidence is "0.5"; allowed: a number from 0 to 1.`],
    [null, `options is null; allowed: an object.`],
    [{ cache: "" }, `cache is ""; allowed: true, false or a folder.`],
    [{ limits: 5 }, `limits is 5; allowed: an object with maxBytes, maxPixels or maxSide.`],
    [
      { limits: { maxPixels: 0 } },
      `limits.maxPixels is 0; allowed: a whole number from 1 to 9007199254740991.`,
    ],
    [{ language: "" }, `language is ""; allowed: a BCP 47 language such as "en" or "zh-Hant".`],
  ])("refuse %j", (settings, message) => {
    expect(() => resolveSettings(settings as Settings)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", message }),
    );
  });

  it("refuse names that do not exist, and list those that do", () => {
    const misspelt = { bakend: "wasm" } as Settings;
    expect(() => resolveSettings(misspelt, ["models"])).toThrow(/bakend.*models.*backend/);
    expect(() => resolveSettings({ toString: 1 } as unknown as Settings)).toThrow(/toString/);
  });
});

describe("the options of a read", () => {
  it("may all be given, or be undefined", () => {
    const options: ReadOptions = {
      signal: new AbortController().signal,
      onProgress: () => undefined,
      region: { x: -5, y: 0.5, width: 10, height: 1 },
      recognizeOnly: true,
      minConfidence: 0,
      language: "en",
      deadline: 0,
    };
    expect(() => checkReadOptions(options)).not.toThrow();
    expect(() => checkReadOptions({ region: undefined } as object)).not.toThrow();
  });

  it.each([
    [{ signal: 5 }, "signal is 5; allowed: an AbortSignal."],
    [{ onProgress: true }, "onProgress is true; allowed: a function."],
    [{ detectOnly: "yes" }, `detectOnly is "yes"; allowed: true or false.`],
    [{ minConfidence: NaN }, "minConfidence is NaN; allowed: a number from 0 to 1."],
    [
      { region: { x: 0, y: 0, width: 0, height: 1 } },
      `region is {"x":0,"y":0,"width":0,"height":1}; allowed: { x, y, width, height } in pixels, with width and height above 0.`,
    ],
    [
      { detectOnly: true, recognizeOnly: true },
      "detectOnly is true; allowed: false together with recognizeOnly.",
    ],
    [null, "options is null; allowed: an object."],
  ])("refuse %j", (options, message) => {
    expect(() => checkReadOptions(options as unknown as ReadOptions)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", message }),
    );
  });

  it("refuse names that do not exist, and list those that do", () => {
    expect(() => checkReadOptions({ regoin: {} } as ReadOptions)).toThrow(/regoin.*region/);
  });
});

describe("the environment", () => {
  it("gives settings of the right types", () => {
    const variables: Record<string, string> = {
      GLYPHPOOL_BACKEND: "wasm",
      GLYPHPOOL_WORKERS: "3",
      GLYPHPOOL_ORIENTATION: "off",
      GLYPHPOOL_CACHE: "/var/models",
      GLYPHPOOL_LANGUAGE: "",
    };
    expect(settingsFromEnvironment((name) => variables[name])).toEqual({
      backend: "wasm",
      workers: 3,
      orientation: false,
      cache: "/var/models",
    });
  });

  it("gives nonsense on to the check", () => {
    const settings = settingsFromEnvironment((name) =>
      name === "GLYPHPOOL_WORKERS" ? "many" : undefined,
    );
    expect(() => resolveSettings(settings)).toThrow("workers is NaN");
  });
});
