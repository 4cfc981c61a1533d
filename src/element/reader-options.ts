/** A reader's attributes as options of its engine and of its reads. */
import type { PagesOptions } from "../options/pages.ts";
import { ANALYSES } from "../options/structure.ts";
import type { EngineOptions } from "../engine/engine.ts";

/** Bounds of an image by their attributes. */
const LIMITS = {
  "max-bytes": "maxBytes",
  "max-pixels": "maxPixels",
  "max-side": "maxSide",
} as const;

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
  const limits = Object.fromEntries(
    Object.entries(LIMITS).flatMap(([attribute, name]) => {
      const value = element.getAttribute(attribute);
      return value ? [[name, Number(value)]] : [];
    }),
  );
  return {
    ...(models === null ? {} : { models }),
    ...(base === null ? {} : { base }),
    ...(language ? { language } : {}),
    ...(budget ? { memory: { budget } } : {}),
    ...(backend ? { backend: backend as NonNullable<EngineOptions["backend"]> } : {}),
    ...(runtime ? { runtime: runtime as NonNullable<EngineOptions["runtime"]> } : {}),
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
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
