/** From a model's manifest to a session and an alphabet. */
import type { Model, ModelFile } from "../catalog/manifest/manifest.ts";
import { loadVocabulary } from "../catalog/reading/structure-vocabulary.ts";
import { GlyphpoolError } from "../errors.ts";
import { type GraphEdits, joinEdits, NO_EDITS } from "../gpu/graph/edits.ts";
import { fuseGelu } from "../gpu/graph/gelu.ts";
import { type OnnxGraph, readOnnxGraph } from "../gpu/graph/onnx-graph.ts";
import type { OwnedSession } from "../gpu/session.ts";
import { prepareRecogniser } from "./recogniser.ts";

/** What the manager needs from outside. */
export interface ModelLoader {
  /** The file of the variant that suits the backend. */
  chooseFile(model: Model): ModelFile;
  /** Where the model's graph will run. */
  backendOf(model: Model): "webgpu" | "wasm";
  /** Verified bytes, backed by a disk where there is one. */
  openModel(file: ModelFile): Promise<Blob>;
  createSession(bytes: Blob, model: Model, edits: GraphEdits): Promise<OwnedSession>;
}

export interface OpenedModel {
  readonly session: OwnedSession;
  readonly alphabet: readonly string[];
  readonly fileBytes: number;
}

/**
 * Loads a model. When the GPU has no room, `makeRoom` runs and the load is tried once more.
 *
 * @throws GlyphpoolError `MODEL_*`, `GPU_OUT_OF_MEMORY`, `DEVICE_LOST`
 */
export async function loadModel(
  model: Model,
  loader: ModelLoader,
  makeRoom: () => Promise<void>,
): Promise<OpenedModel> {
  const file = loader.chooseFile(model);
  const onnx = await loader.openModel(file);
  const graph = await openGraph(onnx);
  const recogniser =
    model.role === "recognition"
      ? await prepareRecogniser(model, file, onnx, graph, (name) => loader.openModel(name))
      : undefined;
  // Whether the WebGPU provider has the fused operator differs; on wasm it does.
  const faster = graph && loader.backendOf(model) === "wasm" ? fuseGelu(graph) : NO_EDITS;
  const edits = joinEdits(faster, recogniser?.edits ?? NO_EDITS);
  const vocabulary =
    "vocabulary" in model
      ? await loadVocabulary(await loader.openModel(model.vocabulary))
      : undefined;
  const create = (): Promise<OwnedSession> => loader.createSession(onnx, model, edits);
  const session = await retried(create, makeRoom);
  try {
    const alphabet = recogniser?.alphabet(session) ?? vocabulary ?? [];
    return { session, alphabet, fileBytes: onnx.size };
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** Nothing for what is not an ONNX file: the runtime knows to say what is wrong with it. */
async function openGraph(onnx: Blob): Promise<OnnxGraph | undefined> {
  try {
    return await readOnnxGraph(onnx);
  } catch (error) {
    if (GlyphpoolError.is(error)) return undefined;
    throw error;
  }
}

async function retried(
  create: () => Promise<OwnedSession>,
  makeRoom: () => Promise<void>,
): Promise<OwnedSession> {
  try {
    return await create();
  } catch (error) {
    if (!GlyphpoolError.is(error) || error.code !== "GPU_OUT_OF_MEMORY") throw error;
  }
  await makeRoom();
  return await create();
}
