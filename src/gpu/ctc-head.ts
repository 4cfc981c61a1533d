/**
 * Lets the graph of a text recogniser choose the best class of each time step itself. Its output has
 * thousands of classes, of which decoding needs two or three numbers per step: the rest would be tens of
 * megabytes of garbage for every page, and a long read-back where there is a GPU.
 * Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
import { GRAPH_OUTPUT, MODEL_GRAPH, MODEL_OPSET } from "./onnx-fields.ts";
import { GlyphpoolError } from "../errors.ts";
import { encodeAddition, FLOAT, FLOAT16, INT64 } from "./onnx-writer.ts";
import type { GraphNode, IntegerTensor } from "./onnx-writer.ts";
import { type Field, FieldReader } from "./protobuf.ts";

const OPSET_DOMAIN = 1;
const OPSET_VERSION = 2;
const VALUE_NAME = 1;
const VALUE_TYPE = 2;
const TYPE_TENSOR = 1;
const TENSOR_ELEMENT = 1;
const TENSOR_SHAPE = 2;
const SHAPE_DIM = 1;
const DIM_VALUE = 1;

/** The oldest that the runtime takes. */
const OLDEST_OPSET = 7;
/** From here on ReduceMax takes its axes as an input, before that as an attribute. */
const AXES_AS_INPUT = 18;
/** `[N, T, classes]`. Counted from the front, since old ArgMax knows no negative axes. */
const RANK = 3;
const CLASS_AXIS = 2;

/** Names of the added outputs, with a prefix that no exporter writes. */
export const CTC_HEAD = {
  /** `[N, T]`, int64: the likeliest class, the lower of equal ones. */
  best: "glyphpool:ctc:best",
  /** `[N, T]`: its probability. */
  probability: "glyphpool:ctc:probability",
  /** `[N, T]`: the probability of the space; only where one was asked for. */
  space: "glyphpool:ctc:space",
  /** `[3]`, int64: dimensions of the softmax. The others do not show how many classes it has. */
  shape: "glyphpool:ctc:shape",
} as const;

/** A recogniser's one output, a softmax `[N, T, classes]`. */
export interface CtcOutput {
  readonly name: string;
  readonly classes: number;
  /** Element type: float or float16. */
  readonly type: number;
  readonly opset: number;
}

/** Those of {@link CTC_HEAD} that a session has. */
export function ctcOutputs(names: readonly string[]): string[] {
  const added: readonly string[] = Object.values(CTC_HEAD);
  return names.filter((name) => added.includes(name));
}

/**
 * The output of a recogniser; nothing where the graph does not look like one or leaves open how many
 * classes it has.
 *
 * @param model a file of any kind: what is wrong with one that is not ONNX, the runtime knows to say.
 *   Weights are skipped
 */
export async function findCtcOutput(model: Blob): Promise<CtcOutput | undefined> {
  try {
    return await findOutput(new FieldReader(model));
  } catch (error) {
    if (GlyphpoolError.is(error)) return undefined;
    throw error;
  }
}

/**
 * What makes a model have the outputs {@link CTC_HEAD} too, when it stands behind the model's bytes.
 *
 * @param space index of the class whose probability is wanted at every step
 */
export function encodeCtcHead(output: CtcOutput, space?: number): Uint8Array {
  const { name, type, opset } = output;
  const { best, probability, shape } = CTC_HEAD;
  const axis = { axis: CLASS_AXIS, keepdims: 0 };
  const nodes: GraphNode[] = [
    { op: "Shape", inputs: [name], output: shape },
    // As it is: the WebGPU provider cannot cast from int64 and would leave that to the CPU.
    { op: "ArgMax", inputs: [name], output: best, attributes: axis },
    ...maximum(name, probability, opset),
    ...(space === undefined ? [] : pick(name, space)),
  ];
  return encodeAddition(nodes, {
    [shape]: INT64,
    [best]: INT64,
    [probability]: type,
    ...(space === undefined ? {} : { [CTC_HEAD.space]: type }),
  });
}

async function findOutput(reader: FieldReader): Promise<CtcOutput | undefined> {
  const outputs: Value[] = [];
  let opset = 0;
  for await (const field of reader.fields()) {
    if (field.number === MODEL_OPSET) opset = (await readOpset(reader, field)) ?? opset;
    if (field.number !== MODEL_GRAPH) continue;
    for await (const output of inside(reader, field, GRAPH_OUTPUT)) {
      outputs.push(await readValue(reader, output));
    }
  }
  const [output] = outputs;
  if (output === undefined || outputs.length > 1 || opset < OLDEST_OPSET) return undefined;
  const { name, type, dims } = output;
  const classes = dims[CLASS_AXIS];
  if (type !== FLOAT && type !== FLOAT16) return undefined;
  return dims.length === RANK && classes ? { name, classes, type, opset } : undefined;
}

interface Value {
  readonly name: string;
  /** 0 where it is not a tensor. */
  readonly type: number;
  /** 0 for a dimension that is not fixed. */
  readonly dims: readonly number[];
}

/** The version of the standard's own operators; those of other domains have versions of their own. */
async function readOpset(reader: FieldReader, entry: Field): Promise<number | undefined> {
  let domain = "";
  let version: number | undefined;
  for await (const field of reader.fields(entry.value, entry.end)) {
    if (field.number === OPSET_DOMAIN) domain = await reader.text(field);
    else if (field.number === OPSET_VERSION) version = await reader.number(field);
  }
  return domain === "" || domain === "ai.onnx" ? version : undefined;
}

async function readValue(reader: FieldReader, value: Field): Promise<Value> {
  let name = "";
  let type = 0;
  const dims: number[] = [];
  for await (const field of inside(reader, value, VALUE_NAME)) name = await reader.text(field);
  for await (const field of inside(reader, value, VALUE_TYPE, TYPE_TENSOR)) {
    for await (const element of inside(reader, field, TENSOR_ELEMENT)) {
      type = await reader.number(element);
    }
    for await (const dim of inside(reader, field, TENSOR_SHAPE, SHAPE_DIM)) {
      let size = 0;
      for await (const fixed of inside(reader, dim, DIM_VALUE)) size = await reader.number(fixed);
      dims.push(size);
    }
  }
  return { name, type, dims };
}

/** The fields that a path of field numbers leads to. */
async function* inside(
  reader: FieldReader,
  { value, end }: Field,
  first: number,
  ...rest: readonly number[]
): AsyncGenerator<Field> {
  for await (const field of reader.fields(value, end)) {
    if (field.number !== first) continue;
    const [next, ...further] = rest;
    if (next === undefined) yield field;
    else if (field.delimited) yield* inside(reader, field, next, ...further);
  }
}

function maximum(input: string, output: string, opset: number): GraphNode[] {
  const keepdims = 0;
  if (opset < AXES_AS_INPUT) {
    const attributes = { axes: [CLASS_AXIS], keepdims };
    return [{ op: "ReduceMax", inputs: [input], output, attributes }];
  }
  const axes = `${output}:axes`;
  return [
    // Constant nodes rather than initialisers, which in old files would have to be inputs as well.
    { op: "Constant", inputs: [], output: axes, attributes: { value: integer([1], CLASS_AXIS) } },
    { op: "ReduceMax", inputs: [input, axes], output, attributes: { keepdims } },
  ];
}

function pick(input: string, index: number): GraphNode[] {
  const { space } = CTC_HEAD;
  const at = `${space}:index`;
  return [
    { op: "Constant", inputs: [], output: at, attributes: { value: integer([], index) } },
    { op: "Gather", inputs: [input, at], output: space, attributes: { axis: CLASS_AXIS } },
  ];
}

function integer(dims: readonly [] | readonly [1], value: number): IntegerTensor {
  return { dims, value };
}
