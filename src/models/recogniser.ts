/** What a text recogniser needs beside its session: an alphabet that fits, and a graph that decodes well. */
import { dictionaryKind, fitAlphabet, loadAlphabet } from "../catalog/reading/dictionary.ts";
import type {
  ModelFile,
  Narrowing,
  RecognitionModel,
  RecognitionParams,
} from "../catalog/manifest/manifest.ts";
import { allowedClasses } from "../catalog/reading/narrow.ts";
import { GlyphpoolError } from "../errors.ts";
import { type CtcOutput, encodeCtcHead, findCtcOutput } from "../gpu/ctc-head.ts";
import type { GraphEdits } from "../gpu/graph/edits.ts";
import { narrowHead } from "../gpu/graph/narrow-head.ts";
import type { OnnxGraph } from "../gpu/graph/onnx-graph.ts";
import type { OwnedSession } from "../gpu/session.ts";

/** How a recogniser is opened. */
export interface Recogniser {
  /** What is changed in its graph and added to it; nothing where the graph does not say what it returns. */
  readonly edits?: GraphEdits;
  /** The alphabet for the session that was made of it. */
  readonly alphabet: (session: OwnedSession) => readonly string[];
}

/**
 * @param open where a dictionary file comes from
 * @throws GlyphpoolError `MODEL_*`
 */
export async function prepareRecogniser(
  model: RecognitionModel,
  file: ModelFile,
  onnx: Blob,
  graph: OnnxGraph | undefined,
  open: (file: ModelFile) => Promise<Blob>,
): Promise<Recogniser> {
  const { dictionary, params, narrowing } = model;
  const source = dictionary ? await open(dictionary) : onnx;
  const raw = await loadAlphabet(source, dictionaryKind(dictionary ?? file), params);
  const output = await findCtcOutput(onnx);
  if (!output) return { alphabet: (session) => fit(raw, session, params) };
  const alphabet = fitAlphabet(raw, output.classes, params);
  const narrowed = narrowing && graph && narrow({ ...model, narrowing }, graph, output, alphabet);
  const { kept = alphabet, changes = new Map<number, Uint8Array>() } = narrowed ?? {};
  const addition = encodeCtcHead(output, faintSpaceClass(params, kept));
  return { edits: { changes, addition }, alphabet: () => kept };
}

/** The characters that stay, and a head for these. Nothing where the graph cannot be narrowed and need not be. */
function narrow(
  model: RecognitionModel & { readonly narrowing: Narrowing },
  graph: OnnxGraph,
  output: CtcOutput,
  alphabet: readonly string[],
): { kept: readonly string[]; changes: GraphEdits["changes"] } | undefined {
  const classes = allowedClasses(model, alphabet);
  const edits = model.params.blank === 0 ? narrowHead(graph, output, classes) : undefined;
  if (edits) {
    return { kept: classes.map((index) => alphabet[index] as string), changes: edits.changes };
  }
  if (!model.narrowing.required) return undefined;
  throw new GlyphpoolError(
    "INVALID_OPTION",
    `The graph of ${model.id} does not end as those of PP-OCR do, so it cannot be held to an alphabet. Leave \`alphabet\` out.`,
  );
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
