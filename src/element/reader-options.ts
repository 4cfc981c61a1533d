/** A reader's attributes as options of its engine and of its reads. */
import { EMBEDDED } from "../catalog/presets/embedded.ts";
import { filesOf } from "../catalog/manifest/manifest.ts";
import type { ModelSet } from "../catalog/manifest/manifest.ts";
import type { PagesOptions } from "../options/pages.ts";
import { ANALYSES } from "../options/structure.ts";
import type { EngineOptions } from "../engine/engine.ts";

type Attributed = Pick<Element, "getAttribute">;

/** @returns only what the attributes name; what is wrong with it `createEngine` says */
export function engineOptions(element: Attributed): EngineOptions {
  const models = element.getAttribute("models");
  const language = element.getAttribute("language");
  const budget = element.getAttribute("budget");
  const backend = element.getAttribute("backend");
  const runtime = element.getAttribute("runtime");
  const idle = element.getAttribute("idle-timeout");
  const base = element.getAttribute("base");
  const named = models ?? (base === null ? undefined : "embedded");
  return {
    ...(named === undefined ? {} : { models: base === null ? named : moved(named, base) }),
    ...(language ? { language } : {}),
    ...(budget ? { memory: { budget } } : {}),
    ...(backend ? { backend: backend as NonNullable<EngineOptions["backend"]> } : {}),
    ...(runtime ? { runtime: runtime as NonNullable<EngineOptions["runtime"]> } : {}),
    ...(idle === null ? {} : { idleTimeout: Number(idle) }),
  };
}

/** What is read of a page: by default its blocks and tables, which need no models of their own. */
export function pagesOptions(element: Attributed): PagesOptions {
  const structure = element.getAttribute("structure") ?? "tables";
  const pages = element.getAttribute("pages");
  const wanted = structure.split(/\s+/);
  const analyses = ANALYSES.filter((name) => wanted.includes(name));
  return {
    ...(wanted.includes("none") ? {} : { layout: true }),
    ...Object.fromEntries(analyses.map((name) => [name, name === "formulas" ? "defer" : true])),
    ...(pages ? { pages } : {}),
  };
}

/** The embedded models under another folder, by their file names; others have addresses of their own. */
function moved(models: string, base: string): string | ModelSet {
  if (models !== "embedded") return models;
  const set = structuredClone(EMBEDDED);
  for (const file of filesOf(set)) {
    const { url } = file;
    if (url === undefined) continue;
    const name = url.slice(url.lastIndexOf("/") + 1);
    Object.assign(file, { url: new URL(name, new URL(base, document.baseURI)).href });
  }
  return set;
}
