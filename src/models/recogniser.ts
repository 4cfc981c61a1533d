/** What a text recogniser needs beside its session: an alphabet that fits, and a graph that decodes well. */
import { dictionaryKind, fitAlphabet, loadAlphabet } from "../catalog/reading/dictionary.ts";
import type {
  ModelFile,
  RecognitionModel,
  RecognitionParams,
} from "../catalog/manifest/manifest.ts";
import { encodeCtcHead, findCtcOutput } from "../gpu/ctc-head.ts";
import type { OwnedSession } from "../gpu/session.ts";

/** How a recogniser is opened. */
export interface Recogniser {
  /** What is added to its graph; nothing where the graph does not say what it returns. */
  readonly head?: Uint8Array;
  /** The alphabet for the session that was made of it. */
  readonly alphabet: (session: OwnedSession) => readonly string[];
}

/**
 * @param open where a dictionary file comes from
 * @throws GlyphpoolError `MODEL_*`
 */
export async function prepareRecogniser(
  { dictionary, params }: RecognitionModel,
  file: ModelFile,
  onnx: Blob,
  open: (file: ModelFile) => Promise<Blob>,
): Promise<Recogniser> {
  const source = dictionary ? await open(dictionary) : onnx;
  const raw = await loadAlphabet(source, dictionaryKind(dictionary ?? file), params);
  const output = await findCtcOutput(onnx);
  if (!output) return { alphabet: (session) => fit(raw, session, params) };
  const alphabet = fitAlphabet(raw, output.classes, params);
  const head = encodeCtcHead(output, faintSpaceClass(params, alphabet));
  return { head, alphabet: () => alphabet };
}

/** The class whose faint traces count as spaces; nothing where the model has none or no rule for it. */
export function faintSpaceClass(
  { faintSpace }: RecognitionParams,
  alphabet: readonly string[],
): number | undefined {
  const index = alphabet.lastIndexOf(" ");
  return faintSpace === undefined || index < 0 ? undefined : index;
}

/** Where the graph does not fix its class count, the first run shows whether the alphabet fits. */
function fit(
  alphabet: readonly string[],
  session: OwnedSession,
  params: RecognitionParams,
): readonly string[] {
  const classes = session.outputWidth(session.outputNames[0] as string);
  return classes === undefined ? alphabet : fitAlphabet(alphabet, classes, params);
}
