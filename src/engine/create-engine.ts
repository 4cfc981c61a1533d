/** The composition root: options in, an engine out. */
import type { ModelSet } from "../catalog/manifest/manifest.ts";
import { EMBEDDED, EMBEDDED_FAST, embeddedIn } from "../catalog/presets/embedded.ts";
import { withStructure } from "../catalog/presets/structure-presets.ts";
import { resolveModels, resolveStructure } from "../catalog/reading/resolve.ts";
import { resolveSettings } from "../options/engine.ts";
import type { ResolvedSettings } from "../options/engine.ts";
import { MemoryControl } from "../pool/memory-control.ts";
import { OcrServicePool } from "../pool/ocr-service-pool.ts";
import { OcrService } from "../pool/ocr-service.ts";
import type { OcrServiceOptions } from "../pool/ocr-service.ts";
import { spawnWorker } from "../pool/spawn.ts";
import type { WorkerInfo } from "../pool/worker-types.ts";
import { chooseIsolation } from "./isolation.ts";
import { Engine } from "./engine.ts";
import type { EngineOptions, ModelsOption, StructureOption } from "./engine-types.ts";

/**
 * Starts an engine: checks the options, resolves the models, starts a worker and decides the backend.
 * Models are downloaded and loaded by the first read that needs them.
 *
 * @example
 * ```ts
 * await using engine = await createEngine();
 * const page = await engine.read("scan.png");
 * console.log(page.text);
 * ```
 * @throws GlyphpoolError `INVALID_OPTION`, `UNKNOWN_PRESET`, `UNSUPPORTED_LANGUAGE`, `MODEL_*`,
 *   `BACKEND_UNAVAILABLE`
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  const settings = resolveSettings(options, ["models", "structure"]);
  const named = options.models ?? "embedded";
  const { models: folder } = settings.base;
  const embedded = [EMBEDDED, EMBEDDED_FAST].find(({ name }) => name === named);
  const source = embedded && folder !== undefined ? embeddedIn(folder, embedded) : named;
  const find = (language: string | undefined): Promise<ModelSet> =>
    findModels(source, options.structure, language, settings);
  const models = await find(settings.language);
  const spawn = await chooseSpawn(settings);
  const memory = await MemoryControl.open(settings);
  const create = (index: number): OcrService => {
    const service: OcrService = new OcrService({
      ...serviceOptions(settings, index),
      spawn,
      ...memory.listeners(index, () => service),
    });
    return service;
  };
  const first = create(0);
  try {
    const info = await first.start();
    const workers = settings.workers ?? defaultWorkers(info);
    const pool = new OcrServicePool(first, workers, create, settings);
    memory.attach(pool, info);
    const engine = new Engine(settings, find, models, pool, workers, memory);
    if (settings.shutdown ?? "document" in globalThis) engine.shutDownWithHost();
    return engine;
  } catch (error) {
    first.close();
    memory.close();
    throw error;
  }
}

/** The set that is meant, without the models that the settings do not want. */
async function findModels(
  source: ModelsOption,
  structure: StructureOption | undefined,
  language: string | undefined,
  settings: ResolvedSettings,
): Promise<ModelSet> {
  const found = await resolveModels(source, { language });
  const { alphabet } = settings;
  // Loaded only where it is needed: the reader's script has a limit.
  const isNarrowed = alphabet !== undefined || language !== undefined;
  const narrow = isNarrowed ? await import("../catalog/reading/narrow.ts") : undefined;
  const text = narrow?.narrowAlphabet(found, alphabet, language) ?? found;
  const models = typeof structure === "string" ? await resolveStructure(structure) : structure;
  const set = models ? withStructure(text, models) : text;
  if (settings.orientation) return set;
  const { orientation: _lines, pageOrientation: _page, ...rest } = set;
  return rest;
}

/** What every service of the engine gets. */
function serviceOptions(
  settings: ResolvedSettings,
  index: number,
): Omit<OcrServiceOptions, "spawn"> {
  const { backend, runtime, threads, limits, cache, startDeadline, base } = settings;
  const { deadline, warmDeadline, idleTimeout, idleTimeouts, minWorkerLife } = settings;
  return {
    name: `glyphpool-${index}`,
    config: {
      backend,
      runtime,
      limits,
      cache,
      models: { idleTimeout, idleTimeouts },
      ...(threads === undefined ? {} : { threads }),
      ...(base.runtime === undefined ? {} : { folder: base.runtime }),
    },
    startDeadline,
    deadline,
    warmDeadline: Math.min(warmDeadline || Infinity, deadline || Infinity),
    respawn: { minLife: minWorkerLife },
  };
}

/** Processes exist in Deno only, and what starts them has no place in a browser's first load. */
async function chooseSpawn(settings: ResolvedSettings): Promise<OcrServiceOptions["spawn"]> {
  const { cache, base } = settings;
  if (chooseIsolation(settings).isolation === "worker")
    return (name) => spawnWorker(name, base.workers);
  const { spawnOcrProcess } = await import("../pool/spawn-process.ts");
  return (name) => spawnOcrProcess(name, { cache });
}

/** One GPU is not faster with two workers; wasm without threads has only workers to use the cores with. */
function defaultWorkers({ backend }: WorkerInfo): number {
  if (backend === "webgpu" || !("Deno" in globalThis)) return 1;
  return Math.min(4, navigator.hardwareConcurrency);
}
