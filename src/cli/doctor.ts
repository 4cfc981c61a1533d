/** `glyphpool doctor`: what this machine gives the engine, as a block to paste into a bug report. */
import { ModelStore } from "../catalog/store/store.ts";
import { createEngine } from "../engine/create-engine.ts";
import type { Engine } from "../engine/engine.ts";
import { GlyphpoolError } from "../errors.ts";
import { settingsFromEnvironment } from "../options/engine.ts";
import type { RgbaImage } from "../types.ts";
import { parseCommandLine } from "./command-line.ts";
import { quietDrivers } from "../pool/quiet-drivers.ts";
import { UsageError } from "./usage-error.ts";

export const DOCTOR_HELP: string = `  glyphpool doctor [options]

  Shows the platform, the GPU adapter and why a backend was taken, memory meters, permissions, limits and the
  cache, then reads a small picture and times it. Private paths are shortened.

  --backend auto|webgpu|wasm  Where to compute; default auto
  --json                      The same as JSON`;

export const DOCTOR_OPTIONS: {
  readonly backend: { readonly type: "string" };
  readonly json: { readonly type: "boolean" };
} = { backend: { type: "string" }, json: { type: "boolean" } };

type Facts = Record<string, string | number | undefined>;

interface Report {
  readonly sections: [title: string, facts: Facts][];
  readonly healthy: boolean;
}

/** @returns exit code: 0 when the self-test read its picture, else 1 */
export async function runDoctorCommand(args: readonly string[], version: string): Promise<number> {
  const { values, positionals } = parseCommandLine(args, DOCTOR_OPTIONS);
  if (positionals.length > 0) throw new UsageError("doctor takes no files");
  quietDrivers();
  const { sections, healthy } = await examine(version, values.backend);
  if (values.json) console.log(JSON.stringify(Object.fromEntries(sections), null, 2));
  else {
    for (const [title, facts] of sections) {
      console.log(title);
      for (const [name, value] of Object.entries(facts)) {
        if (value !== undefined) console.log(`  ${name.padEnd(16)} ${value}`);
      }
    }
  }
  return healthy ? 0 : 1;
}

async function examine(version: string, backend: string | undefined): Promise<Report> {
  const sections: Report["sections"] = [
    ["Versions", { glyphpool: version, deno: Deno.version.deno, v8: Deno.version.v8 }],
    [
      "Platform",
      {
        system: `${Deno.build.os} ${Deno.build.arch}`,
        processors: navigator.hardwareConcurrency,
        memory: systemMemory(),
      },
    ],
    ["Permissions", await permissions()],
  ];
  const environment = Object.keys(Deno.env.toObject()).filter((name) =>
    name.startsWith("GLYPHPOOL_"),
  );
  sections.push(["Settings", { environment: environment.join(", ") || "none" }]);
  sections.push(["Cache", { models: await cacheLocation() }]);
  try {
    const began = performance.now();
    await using engine = await createEngine({
      ...settingsFromEnvironment((name) => Deno.env.get(name)),
      ...(backend === undefined ? {} : { backend: backend as "auto" }),
    });
    sections.push(["Engine", { ...engineFacts(engine), start: milliseconds(began) }]);
    sections.push(["Memory", memoryFacts(engine)]);
    const test = await selfTest(engine);
    sections.push(["Self-test", test.facts]);
    return { sections, healthy: test.healthy };
  } catch (error) {
    const { code, message } = GlyphpoolError.is(error)
      ? error
      : { code: "INTERNAL", message: String(error) };
    sections.push(["Self-test", { result: "failed", code, message: withoutHome(message) }]);
    return { sections, healthy: false };
  }
}

function engineFacts({ info }: Engine): Facts {
  const { adapter } = info;
  return {
    models: `${info.models} (${info.modelIds.join(", ")})`,
    backend: info.backend,
    reason: info.reason,
    runtime: info.runtime,
    workers: info.workers,
    threads: info.threads,
    adapter: adapter
      ? [adapter.vendor, adapter.architecture, adapter.description].filter(Boolean).join(" ")
      : "none",
  };
}

function memoryFacts({ memory }: Engine): Facts {
  const { budget, basis, meters } = memory.snapshot();
  const readings = meters.map((meter) => meter.name).join(", ");
  return { budget: megabytes(budget), basis, meters: readings || "none" };
}

async function selfTest(engine: Engine): Promise<{ facts: Facts; healthy: boolean }> {
  const picture = drawDigits(EXPECTED);
  const times: string[] = [];
  let text = "";
  for (let i = 0; i < 2; i++) {
    const began = performance.now();
    const page = await engine.read(picture);
    text = page.text.trim();
    times.push(milliseconds(began));
  }
  const healthy = text.replaceAll(/\s/g, "") === EXPECTED;
  return {
    facts: {
      result: healthy ? "ok" : `read "${text}", expected "${EXPECTED}"`,
      "first read": times[0],
      "second read": times[1],
      "process memory": megabytes(Deno.memoryUsage().rss),
    },
    healthy,
  };
}

async function permissions(): Promise<Facts> {
  const facts: Facts = {};
  for (const name of ["read", "write", "net", "env", "run", "ffi", "sys"] as const) {
    facts[name] = (await Deno.permissions.query({ name })).state;
  }
  return facts;
}

async function cacheLocation(): Promise<string> {
  const store = await ModelStore.open();
  const entries = await store.list();
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  return `${withoutHome(store.cache.location)}: ${entries.length} files, ${megabytes(bytes)}`;
}

function systemMemory(): string {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "systemMemoryInfo" });
  return state === "granted" ? megabytes(Deno.systemMemoryInfo().total) : "no permission to ask";
}

/** The home folder names its user. */
function withoutHome(text: string): string {
  const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE");
  return home ? text.replaceAll(home, "~") : text;
}

function milliseconds(since: number): string {
  return `${Math.round(performance.now() - since)} ms`;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

const EXPECTED = "2741";
/** A font of 5 x 7 dots, one string of bits per row. */
const DIGITS: Readonly<Record<string, readonly string[]>> = {
  "1": ["00100", "01100", "00100", "00100", "00100", "00100", "01110"],
  "2": ["01110", "10001", "00001", "00010", "00100", "01000", "11111"],
  "4": ["00010", "00110", "01010", "10010", "11111", "00010", "00010"],
  "7": ["11111", "00001", "00010", "00100", "01000", "01000", "01000"],
};
const DOT = 6;
const MARGIN = 40;

/** Black digits on white, drawn dot by dot: no font and no decoder can be missing. */
function drawDigits(text: string): RgbaImage {
  const width = 2 * MARGIN + text.length * 6 * DOT;
  const height = 2 * MARGIN + 7 * DOT;
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let y = 0; y < 7 * DOT; y++) {
    for (let x = 0; x < text.length * 6 * DOT; x++) {
      const column = Math.floor(x / DOT);
      const rows = DIGITS[text[Math.floor(column / 6)] as string];
      if (rows?.[Math.floor(y / DOT)]?.[column % 6] !== "1") continue;
      data.fill(
        0,
        4 * ((y + MARGIN) * width + x + MARGIN),
        4 * ((y + MARGIN) * width + x + MARGIN) + 3,
      );
    }
  }
  return { data, width, height };
}
