/**
 * Stores the weights of an ONNX model as half-precision numbers, which a Cast node widens again while the runtime
 * loads the model. The file shrinks to about half; the graph still computes in single precision everywhere.
 * Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
import {
  ATTRIBUTE_TENSOR,
  GRAPH_INITIALIZER,
  GRAPH_NODE,
  MODEL_GRAPH,
  NODE_ATTRIBUTE,
  NODE_OPERATOR,
  NODE_OUTPUT,
  TENSOR_NAME,
  TENSOR_RAW_DATA,
} from "../onnx-fields.ts";
import { encodeCast, FLOAT, FLOAT16 } from "../onnx-writer.ts";
import {
  bytesField,
  concat,
  type Field,
  FieldReader,
  numberField,
  textField,
} from "../protobuf.ts";

const TENSOR_DIMS = 1;
const TENSOR_TYPE = 2;

/** Bytes of single-precision data. Smaller tensors are biases and constants: not worth a node each. */
const SMALLEST = 4096;
/** The largest finite half-precision number. */
const LARGEST = 65_504;

/**
 * @param model an ONNX file with its weights inside, as initialisers or in Constant nodes
 * @returns the same graph with half-precision weights; tensors with larger numbers than half precision has stay
 * @throws GlyphpoolError `MODEL_INVALID` for what is not an ONNX file
 */
export async function storeWeightsAsHalf(model: Blob): Promise<Uint8Array<ArrayBuffer>> {
  const reader = new FieldReader(model);
  const parts: Uint8Array[] = [];
  for await (const field of reader.fields()) {
    const isGraph = field.number === MODEL_GRAPH && field.delimited;
    parts.push(
      isGraph ? await convertGraph(reader, field) : await reader.bytes(field.start, field.end),
    );
  }
  return concat(parts);
}

async function convertGraph(reader: FieldReader, graph: Field): Promise<Uint8Array> {
  // The Cast nodes come first, since nodes stand in the order in which they can run.
  const casts: Uint8Array[] = [];
  const others: Uint8Array[] = [];
  for await (const field of reader.fields(graph.value, graph.end)) {
    const weights = await findWeights(reader, field);
    const half = weights && toHalf(weights.data);
    if (!half) {
      others.push(await reader.bytes(field.start, field.end));
      continue;
    }
    const { name, dims } = weights;
    const stored = `${name}:half`;
    casts.push(bytesField(GRAPH_NODE, ...encodeCast(stored, name, FLOAT)));
    others.push(
      bytesField(
        GRAPH_INITIALIZER,
        ...dims,
        numberField(TENSOR_TYPE, FLOAT16),
        textField(TENSOR_NAME, stored),
        bytesField(TENSOR_RAW_DATA, half),
      ),
    );
  }
  return bytesField(MODEL_GRAPH, ...casts, ...others);
}

interface Weights {
  readonly name: string;
  /** Encoded fields. */
  readonly dims: readonly Uint8Array[];
  /** Little-endian single-precision numbers. */
  readonly data: Uint8Array;
}

async function findWeights(reader: FieldReader, field: Field): Promise<Weights | undefined> {
  if (!field.delimited || field.end - field.value < SMALLEST) return undefined;
  if (field.number === GRAPH_INITIALIZER) return await readTensor(reader, field);
  if (field.number !== GRAPH_NODE) return undefined;
  let operator = "";
  let output = "";
  let tensor: Field | undefined;
  for await (const part of reader.fields(field.value, field.end)) {
    if (part.number === NODE_OPERATOR) operator = await reader.text(part);
    else if (part.number === NODE_OUTPUT) output = await reader.text(part);
    else if (part.number === NODE_ATTRIBUTE) {
      for await (const inner of reader.fields(part.value, part.end)) {
        if (inner.number === ATTRIBUTE_TENSOR && inner.delimited) tensor = inner;
      }
    }
  }
  if (operator !== "Constant" || !tensor) return undefined;
  const weights = await readTensor(reader, tensor);
  return weights && { ...weights, name: output };
}

async function readTensor(reader: FieldReader, tensor: Field): Promise<Weights | undefined> {
  let name = "";
  let type = 0;
  let data: Uint8Array | undefined;
  const dims: Uint8Array[] = [];
  for await (const field of reader.fields(tensor.value, tensor.end)) {
    if (field.number === TENSOR_DIMS) dims.push(await reader.bytes(field.start, field.end));
    else if (field.number === TENSOR_TYPE) type = await reader.number(field);
    else if (field.number === TENSOR_NAME) name = await reader.text(field);
    else if (field.number === TENSOR_RAW_DATA) data = await reader.bytes(field.value, field.end);
  }
  if (type !== FLOAT || !data || data.length < SMALLEST) return undefined;
  return { name, dims, data };
}

/** Nothing where a number does not fit. */
function toHalf(data: Uint8Array): Uint8Array | undefined {
  const from = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const out = new Uint8Array(data.byteLength / 2);
  const to = new DataView(out.buffer);
  for (let at = 0; at < data.byteLength; at += 4) {
    if (!(Math.abs(from.getFloat32(at, true)) <= LARGEST)) return undefined;
    to.setUint16(at / 2, halfBits(from.getUint32(at, true)), true);
  }
  return out;
}

/**
 * Rounds to the nearest, halves to even. Not what `Float16Array` offers: the same bytes have to come out in engines
 * that lack it, since the files are known by their hash.
 */
function halfBits(float: number): number {
  const sign = (float >>> 16) & 0x8000;
  const exponent = ((float >>> 23) & 0xff) - 112;
  const mantissa = float & 0x7fffff;
  if (exponent >= 1) {
    const kept = (exponent << 10) | (mantissa >>> 13);
    return sign | (kept + roundsUp(mantissa & 0x1fff, 0x1000, kept));
  }
  const shift = 14 - exponent;
  if (shift > 24) return sign;
  const full = mantissa | 0x800000;
  const kept = full >>> shift;
  return sign | (kept + roundsUp(full & (2 ** shift - 1), 2 ** (shift - 1), kept));
}

function roundsUp(rest: number, half: number, kept: number): number {
  return rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0;
}
