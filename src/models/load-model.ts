/** From a model's manifest to a session and an alphabet. */
import { dictionaryKind, fitAlphabet, loadAlphabet } from "../catalog/dictionary.ts";
import type { Model, ModelFile, RecognitionModel } from "../catalog/manifest.ts";
import { GlyphpoolError } from "../errors.ts";
import type { OwnedSession } from "../gpu/session.ts";

/** What the manager needs from outside. */
export interface ModelLoader {
  /** The file of the variant that suits the backend. */
  chooseFile(model: Model): ModelFile;
  /** Where the model's graph will run. */
  backendOf(model: Model): "webgpu" | "wasm";
  /** Verified bytes, backed by a disk where there is one. */
  openModel(file: ModelFile): Promise<Blob>;
  createSession(bytes: Blob, model: Model): Promise<OwnedSession>;
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
  const raw = model.role === "recognition" ? await readAlphabet(model, file, onnx, loader) : [];
  const session = await createSession(onnx, model, loader, makeRoom);
  try {
    const alphabet = model.role === "recognition" ? fit(raw, session, model) : raw;
    return { session, alphabet, fileBytes: onnx.size };
  } catch (error) {
    await session.release();
    throw error;
  }
}

async function createSession(
  onnx: Blob,
  model: Model,
  loader: ModelLoader,
  makeRoom: () => Promise<void>,
): Promise<OwnedSession> {
  try {
    return await loader.createSession(onnx, model);
  } catch (error) {
    if (!GlyphpoolError.is(error) || error.code !== "GPU_OUT_OF_MEMORY") throw error;
  }
  await makeRoom();
  return await loader.createSession(onnx, model);
}

async function readAlphabet(
  { dictionary, params }: RecognitionModel,
  file: ModelFile,
  onnx: Blob,
  loader: ModelLoader,
): Promise<string[]> {
  const source = dictionary ? await loader.openModel(dictionary) : onnx;
  return await loadAlphabet(source, dictionaryKind(dictionary ?? file), params);
}

/** Where the graph does not fix its class count, the first run shows whether the alphabet fits. */
function fit(
  alphabet: readonly string[],
  session: OwnedSession,
  { params }: RecognitionModel,
): readonly string[] {
  const classes = session.outputWidth(session.outputNames[0] as string);
  return classes === undefined ? alphabet : fitAlphabet(alphabet, classes, params);
}
