/** Readers of the fields that models of every role have. */

import { GlyphpoolError } from "../../errors.ts";
import type { Model, ModelFile, ModelVariant, Normalisation } from "./manifest.ts";
import type { Field } from "./schema.ts";

/** Longest side of a network's input, in pixels. */
export const MAX_SIDE = 16_384;
export const NORMALISATION: readonly string[] = ["channels", "mean", "std"];
export const MODEL: readonly string[] = [
  "id",
  "role",
  "license",
  "revision",
  "variants",
  "backend",
  "params",
];

/**
 * Instead of a base URL: the set was made by a program, so that it may hold bytes and bundled files, and
 * its URLs are absolute.
 */
export const RUNTIME: unique symbol = Symbol("runtime");
export type Runtime = typeof RUNTIME;

export function model(
  field: Field,
  role: Model["role"],
  base: string | Runtime,
): Pick<Model, "id" | "license" | "revision" | "variants" | "backend"> {
  field.get("role").oneOf([role]);
  const [first, ...rest] = field
    .get("variants")
    .items()
    .map((item) => variant(item, base));
  const revision = field.get("revision");
  const backend = field.get("backend");
  return {
    id: field.get("id").text(),
    license: field.get("license").text(),
    variants: first
      ? [first, ...rest]
      : field.get("variants").fail("a list of at least one variant"),
    ...(revision.missing ? {} : { revision: revision.text() }),
    ...(backend.missing ? {} : { backend: backend.oneOf(["webgpu", "wasm"]) }),
  };
}

function variant(field: Field, base: string | Runtime): ModelVariant {
  field.only(["precision", "onnx"]);
  return {
    precision: field.get("precision").oneOf(["fp32", "fp16", "int8"]),
    onnx: fileOf(field.get("onnx"), base),
  };
}

export function fileOf(field: Field, base: string | Runtime): ModelFile {
  const names = ["name", "url", "bytes", "sha256"];
  if (base === RUNTIME) names.push("bundled", "data");
  field.only(names);
  const bytes = field.get("bytes");
  const sha256 = field.get("sha256");
  const bundled = field.get("bundled");
  const data = field.get("data").value;
  return {
    name: field.get("name").match(/^[^/\\]+$/, "a file name without a path"),
    url: data instanceof Uint8Array ? field.get("url").text() : urlOf(field.get("url"), base),
    ...(bytes.missing ? {} : { bytes: bytes.integer(1, Number.MAX_SAFE_INTEGER) }),
    ...(sha256.missing
      ? {}
      : { sha256: sha256.match(/^[0-9a-f]{64}$/, "64 lower-case hexadecimal digits") }),
    ...(bundled.missing ? {} : { bundled: bundled.flag() }),
    ...(data instanceof Uint8Array ? { data } : {}),
  };
}

function urlOf(field: Field, base: string | Runtime): string {
  const text = field.text();
  const against = base === RUNTIME ? undefined : base;
  // Not URL.parse, which Safari has only had since 18.
  const url = URL.canParse(text, against) ? new URL(text, against) : undefined;
  if (!url || !/^(https?|file|blob):$/.test(url.protocol)) {
    return field.fail("an https, http, file or blob URL, or one relative to the manifest");
  }
  // A manifest from the network must not make a server open its own files.
  if (url.protocol === "file:" && against !== undefined && !against.startsWith("file:")) {
    throw new GlyphpoolError(
      "MODEL_INVALID",
      `${field.path} names a local file (${url.href}), which a manifest from the network may not do.`,
    );
  }
  return url.href;
}

export function triple(field: Field, minimum: number): [number, number, number] {
  const numbers = field.items().map((item) => item.number(minimum, 1000));
  const [a, b, c] = numbers;
  if (a === undefined || b === undefined || c === undefined || numbers.length !== 3) {
    return field.fail("a list of three numbers");
  }
  return [a, b, c];
}

export function normalisation(field: Field): Normalisation {
  return {
    channels: field.get("channels").oneOf(["rgb", "bgr"]),
    mean: triple(field.get("mean"), -1000),
    std: triple(field.get("std"), 1e-6),
  };
}
