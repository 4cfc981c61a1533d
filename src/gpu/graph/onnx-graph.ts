/**
 * The nodes of an ONNX file, and where their fields lie in it. Weights are skipped over.
 * Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
import {
  ATTRIBUTE_TENSOR,
  GRAPH_INITIALIZER,
  GRAPH_NODE,
  GRAPH_OUTPUT,
  MODEL_GRAPH,
  NODE_ATTRIBUTE,
  NODE_OPERATOR,
  NODE_OUTPUT,
  TENSOR_NAME,
  TENSOR_RAW_DATA,
} from "../onnx-fields.ts";
import { type Field, FieldReader } from "../protobuf.ts";

const GRAPH_VALUE_INFO = 13;
const NODE_INPUT = 1;
const NODE_DOMAIN = 7;
const TENSOR_FLOATS = 4;
/** Larger tensors hold no single number. */
const SCALAR_BYTES = 256;

export interface OnnxNode {
  readonly field: Field;
  readonly operator: string;
  /** Empty: the operators of the standard. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export interface OnnxGraph {
  /** In the order of the file. */
  readonly nodes: readonly OnnxNode[];
  readonly outputs: readonly Field[];
  /** Declared types and shapes of what flows between nodes. */
  readonly values: readonly Field[];
  /** Single-precision constants of one element, by name. */
  readonly numbers: ReadonlyMap<string, number>;
  /** Constants of any kind and size. */
  readonly constants: ReadonlySet<string>;
}

/** @throws GlyphpoolError `MODEL_INVALID` for what is not protobuf */
export async function readOnnxGraph(model: Blob): Promise<OnnxGraph> {
  const reader = new FieldReader(model);
  const nodes: OnnxNode[] = [];
  const outputs: Field[] = [];
  const values: Field[] = [];
  const numbers = new Map<string, number>();
  const constants = new Set<string>();
  const constant = async (name: string, tensor: Field): Promise<void> => {
    constants.add(name);
    const number = await readNumber(reader, tensor);
    if (number !== undefined) numbers.set(name, number);
  };
  for await (const field of reader.fields()) {
    if (field.number !== MODEL_GRAPH) continue;
    for await (const part of reader.fields(field.value, field.end)) {
      if (part.number === GRAPH_OUTPUT) outputs.push(part);
      else if (part.number === GRAPH_VALUE_INFO) values.push(part);
      else if (part.number === GRAPH_INITIALIZER) await constant(await nameOf(reader, part), part);
      else if (part.number === GRAPH_NODE) {
        const { tensor, ...node } = await readNode(reader, part);
        nodes.push(node);
        const [output] = node.outputs;
        if (node.operator === "Constant" && tensor && output) await constant(output, tensor);
      }
    }
  }
  return { nodes, outputs, values, numbers, constants };
}

async function readNode(
  reader: FieldReader,
  field: Field,
): Promise<OnnxNode & { tensor: Field | undefined }> {
  const inputs: string[] = [];
  const outputs: string[] = [];
  let operator = "";
  let domain = "";
  let tensor: Field | undefined;
  for await (const part of reader.fields(field.value, field.end)) {
    if (part.number === NODE_INPUT) inputs.push(await reader.text(part));
    else if (part.number === NODE_OUTPUT) outputs.push(await reader.text(part));
    else if (part.number === NODE_OPERATOR) operator = await reader.text(part);
    else if (part.number === NODE_DOMAIN) domain = await reader.text(part);
    else if (part.number === NODE_ATTRIBUTE && operator === "Constant") {
      for await (const inner of reader.fields(part.value, part.end)) {
        if (inner.number === ATTRIBUTE_TENSOR && inner.delimited) tensor = inner;
      }
    }
  }
  return { field, operator, domain: domain === "ai.onnx" ? "" : domain, inputs, outputs, tensor };
}

async function nameOf(reader: FieldReader, tensor: Field): Promise<string> {
  let name = "";
  for await (const field of reader.fields(tensor.value, tensor.end)) {
    if (field.number === TENSOR_NAME) name = await reader.text(field);
  }
  return name;
}

async function readNumber(reader: FieldReader, tensor: Field): Promise<number | undefined> {
  if (tensor.end - tensor.value > SCALAR_BYTES) return undefined;
  for await (const field of reader.fields(tensor.value, tensor.end)) {
    const isData = field.number === TENSOR_FLOATS || field.number === TENSOR_RAW_DATA;
    if (!isData || !field.delimited || field.end - field.value !== 4) continue;
    const bytes = await reader.bytes(field.value, field.end);
    return new DataView(bytes.buffer).getFloat32(0, true);
  }
  return undefined;
}
