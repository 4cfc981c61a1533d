import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../../src/options/limits.ts";
import {
  checkReadOptions,
  resolveSettings,
  settingsFromEnvironment,
} from "../../../src/options/engine.ts";
import type { ReadOptions, Settings } from "../../../src/options/engine.ts";

describe("settings", () => {
  it("have defaults", () => {
    expect(resolveSettings({})).toEqual({
      backend: "auto",
      base: {},
      runtime: "auto",
      deadline: 120_000,
      startDeadline: 60_000,
      orientation: true,
      minConfidence: 0.5,
      cache: true,
      limits: DEFAULT_LIMITS,
      memory: { warning: 0.75, critical: 0.9 },
      idleTimeout: 300_000,
      idleTimeouts: {},
      maxIdleHeap: 256 * 2 ** 20,
      minIdleWorkers: 0,
      maxProcessGrowth: 512 * 2 ** 20,
      maxQueued: 256,
      maxQueuedBytes: 512 * 2 ** 20,
      structureConcurrency: 2,
      structureWeights: { layout: 1, tables: 1, formulas: 2, charts: 1 },
      warmDeadline: 60_000,
      minWorkerLife: 30_000,
      sampleInterval: 2_000,
      drainDeadline: 10_000,
    });
  });

  it.each([
    [1000, 1000],
    ["512MiB", 512 * 2 ** 20],
    ["1.5 GB", 1.5e9],
    ["64k", 65536],
    ["77", 77],
  ])("take %j as a size", (budget, bytes) => {
    expect(resolveSettings({ memory: { budget } }).memory.budget).toBe(bytes);
    expect(resolveSettings({ maxIdleHeap: budget }).maxIdleHeap).toBe(bytes);
    expect(resolveSettings({ maxQueuedBytes: budget }).maxQueuedBytes).toBe(bytes);
  });

  it("keep warning below critical where only one is given", () => {
    expect(resolveSettings({ memory: { critical: 0.5 } }).memory).toEqual({
      warning: 0.5,
      critical: 0.5,
    });
    expect(resolveSettings({ memory: { warning: 0.95 } }).memory).toEqual({
      warning: 0.95,
      critical: 0.95,
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
    [{ memory: 5 }, `memory is 5; allowed: an object with budget, warning or critical.`],
    [
      { memory: { budget: "much" } },
      `memory.budget is "much"; allowed: a number of bytes above 0 or a text such as "512MiB".`,
    ],
    [
      { memory: { budget: "0" } },
      `memory.budget is "0"; allowed: a number of bytes above 0 or a text such as "512MiB".`,
    ],
    [{ memory: { warning: 2 } }, `memory.warning is 2; allowed: a number from 0 to 1.`],
    [
      { memory: { warning: 0.9, critical: 0.8 } },
      `memory.warning is 0.9; allowed: at most memory.critical (0.8).`,
    ],
    [
      { memory: { limit: 1 } },
      `There is no option memory.limit. The options are: budget, warning, critical.`,
    ],
    [{ idleTimeout: -1 }, `idleTimeout is -1; allowed: milliseconds from 0 on, or Infinity.`],
    [
      { idleTimeouts: { a: "1" } },
      `idleTimeouts is {"a":"1"}; allowed: an object of model ids and milliseconds (0 on, or Infinity).`,
    ],
    [{ isolation: "thread" }, `isolation is "thread"; allowed: "worker", "process".`],
    [{ maxQueued: 0 }, `maxQueued is 0; allowed: a whole number from 1 to 1000000.`],
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
      GLYPHPOOL_MEMORY_BUDGET: "2GiB",
      GLYPHPOOL_MEMORY_CRITICAL: "0.8",
      GLYPHPOOL_IDLE_TIMEOUT: "Infinity",
      GLYPHPOOL_MAX_IDLE_HEAP: "100MiB",
      GLYPHPOOL_MAX_PROCESS_GROWTH: "1GiB",
      GLYPHPOOL_ISOLATION: "process",
    };
    expect(settingsFromEnvironment((name) => variables[name])).toEqual({
      backend: "wasm",
      workers: 3,
      orientation: false,
      cache: "/var/models",
      memory: { budget: "2GiB", critical: 0.8 },
      idleTimeout: Infinity,
      maxIdleHeap: "100MiB",
      maxProcessGrowth: "1GiB",
      isolation: "process",
    });
  });

  it("gives nonsense on to the check", () => {
    const settings = settingsFromEnvironment((name) =>
      name === "GLYPHPOOL_WORKERS" ? "many" : undefined,
    );
    expect(() => resolveSettings(settings)).toThrow("workers is NaN");
  });
});
