/**
 * Writes small ONNX files: the graphs with which the runtime is started and the GPU is checked, and what
 * is added to a recogniser's, are spelled out as code rather than kept as opaque bytes.
 * Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
import { GRAPH_NODE, GRAPH_OUTPUT, MODEL_GRAPH, MODEL_OPSET } from "./onnx-fields.ts";
import { bytesField, concat, numberField, textField } from "./protobuf.ts";

export interface GraphNode {
  readonly op: string;
  /** Absent: the operators of the standard. */
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly output: string;
  /** Integers, integer lists, and tensors of one integer. */
  readonly attributes?: Readonly<Record<string, number | readonly number[] | IntegerTensor>>;
}

/** An int64 tensor of one dimension, or a scalar. */
export interface IntegerTensor {
  readonly dims: readonly [] | readonly [number];
  readonly value: number | readonly number[];
}

export interface GraphWeights {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

export interface GraphValue {
  readonly name: string;
  readonly dims: readonly number[];
  /** Absent: float. */
  readonly type?: number;
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly weights: readonly GraphWeights[];
  readonly input: GraphValue;
  readonly output: GraphValue;
  /** Version of the operators; absent: 17. */
  readonly opset?: number;
}

/** Element types of tensors. */
export const FLOAT = 1;
export const INT64 = 7;
export const FLOAT16 = 10;

const ATTRIBUTE_INT = 2;
const ATTRIBUTE_TENSOR = 4;
const ATTRIBUTE_INTS = 7;
const OPSET = 17;

/** The graph as an ONNX file. */
export function encodeModel(graph: Graph): Uint8Array<ArrayBuffer> {
  return concat([
    numberField(1, 8),
    textField(2, "glyphpool"),
    bytesField(MODEL_GRAPH, ...encodeGraph(graph)),
    bytesField(8, textField(1, ""), numberField(2, graph.opset ?? OPSET)),
  ]);
}

/** A node as a field of a graph. */
export function encodeNodeField(node: GraphNode): Uint8Array {
  return bytesField(GRAPH_NODE, ...encodeNode(node));
}

/** An output of any shape as a field of a graph. */
export function encodeOutputField(name: string, type: number): Uint8Array {
  return bytesField(GRAPH_OUTPUT, ...encodeValue(name, type));
}

/** What a model must have to use operators beyond the standard's, as a field of it. */
export function encodeDomain(domain: string, version: number): Uint8Array {
  return bytesField(MODEL_OPSET, textField(1, domain), numberField(2, version));
}

/** The parts of a node that converts a tensor to another element type. */
export function encodeCast(input: string, output: string, type: number): Uint8Array[] {
  return encodeNode({ op: "Cast", inputs: [input], output, attributes: { to: type } });
}

/**
 * Nodes and outputs as a field of a model. A protobuf message is merged with one of the same field
 * before it, so behind the bytes of a model they become part of its graph.
 *
 * @param outputs element types by name; their shapes are left to the runtime
 */
export function encodeAddition(
  nodes: readonly GraphNode[],
  outputs: Readonly<Record<string, number>>,
): Uint8Array {
  return bytesField(
    MODEL_GRAPH,
    ...nodes.map((node) => bytesField(GRAPH_NODE, ...encodeNode(node))),
    ...Object.entries(outputs).map(([name, type]) =>
      bytesField(GRAPH_OUTPUT, ...encodeValue(name, type)),
    ),
  );
}

function encodeGraph(graph: Graph): Uint8Array[] {
  const { input, output } = graph;
  return [
    ...graph.nodes.map((node) => bytesField(GRAPH_NODE, ...encodeNode(node))),
    textField(2, "graph"),
    ...graph.weights.map((weights) => bytesField(5, ...encodeWeights(weights))),
    bytesField(11, ...encodeValue(input.name, input.type ?? FLOAT, input.dims)),
    bytesField(GRAPH_OUTPUT, ...encodeValue(output.name, output.type ?? FLOAT, output.dims)),
  ];
}

function encodeNode(node: GraphNode): Uint8Array[] {
  return [
    ...node.inputs.map((name) => textField(1, name)),
    textField(2, node.output),
    textField(3, node.output),
    textField(4, node.op),
    ...(node.domain === undefined ? [] : [textField(7, node.domain)]),
    ...Object.entries(node.attributes ?? {}).map(([name, value]) =>
      bytesField(5, textField(1, name), ...encodeAttribute(value)),
    ),
  ];
}

function encodeAttribute(value: number | readonly number[] | IntegerTensor): Uint8Array[] {
  if (typeof value === "number") return [numberField(3, value), numberField(20, ATTRIBUTE_INT)];
  if ("value" in value) {
    const tensor = [
      ...value.dims.map((dim) => numberField(1, dim)),
      numberField(2, INT64),
      bytesField(9, new Uint8Array(BigInt64Array.from([value.value].flat(), BigInt).buffer)),
    ];
    return [bytesField(5, ...tensor), numberField(20, ATTRIBUTE_TENSOR)];
  }
  return [...value.map((item) => numberField(8, item)), numberField(20, ATTRIBUTE_INTS)];
}

function encodeWeights({ name, dims, data }: GraphWeights): Uint8Array[] {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return [
    ...dims.map((dim) => numberField(1, dim)),
    numberField(2, FLOAT),
    textField(8, name),
    bytesField(9, raw),
  ];
}

function encodeValue(name: string, type: number, dims?: readonly number[]): Uint8Array[] {
  const shape = dims?.map((dim) => bytesField(1, numberField(1, dim)));
  const tensor = [numberField(1, type), ...(shape ? [bytesField(2, ...shape)] : [])];
  return [textField(1, name), bytesField(2, bytesField(1, ...tensor))];
}
