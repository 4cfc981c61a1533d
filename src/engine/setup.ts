/** How an engine's parts are made of its settings. */
import type { ModelSet, StructureModel } from "../catalog/manifest/manifest.ts";
import { findStructurePreset, withStructure } from "../catalog/presets/structure-presets.ts";
import { resolveModels } from "../catalog/reading/resolve.ts";
import type { UserModelFiles } from "../catalog/reading/resolve.ts";
import type { ResolvedSettings } from "../options/engine.ts";
import type { OcrServiceOptions } from "../pool/ocr-service.ts";
import { spawnWorker } from "../pool/spawn.ts";
import type { WorkerInfo } from "../rpc/link.ts";

/** What names a set of models. */
export type ModelsOption = string | URL | ModelSet | UserModelFiles;

/** A preset's name, or the models themselves. */
export type StructureOption = string | readonly StructureModel[];

/** The set that is meant, without the models that the settings do not want. */
export async function findModels(
  source: ModelsOption,
  structure: StructureOption | undefined,
  language: string | undefined,
  settings: ResolvedSettings,
): Promise<ModelSet> {
  const text = await resolveModels(source, { language });
  const models = typeof structure === "string" ? findStructurePreset(structure) : structure;
  const set = models ? withStructure(text, models) : text;
  if (settings.orientation) return set;
  const { orientation: _lines, pageOrientation: _page, ...rest } = set;
  return rest;
}

/** What every service of the engine gets. */
export function serviceOptions(
  settings: ResolvedSettings,
  index: number,
): Omit<OcrServiceOptions, "spawn"> {
  const { backend, runtime, threads, limits, cache, startDeadline } = settings;
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
    },
    startDeadline,
    deadline,
    warmDeadline: Math.min(warmDeadline || Infinity, deadline || Infinity),
    respawn: { minLife: minWorkerLife },
  };
}

/** Processes exist in Deno only, and what starts them has no place in a browser's first load. */
export async function chooseSpawn({
  isolation,
  cache,
}: ResolvedSettings): Promise<OcrServiceOptions["spawn"]> {
  if (isolation === "worker") return spawnWorker;
  const { spawnProcess } = await import("../rpc/child-process.ts");
  return (name) => spawnProcess(name, { cache });
}

/** One GPU is not faster with two workers; wasm without threads has only workers to use the cores with. */
export function defaultWorkers({ backend }: WorkerInfo): number {
  if (backend === "webgpu" || !("Deno" in globalThis)) return 1;
  return Math.min(4, navigator.hardwareConcurrency);
}
