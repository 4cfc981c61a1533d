/**
 * Writes small ONNX files: the graphs with which the runtime is started and the GPU is checked are
 * spelled out as code rather than kept as opaque bytes.
 * Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
import { bytesField, concat, numberField, textField } from "./protobuf.ts";

export interface GraphNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  /** Integers and integer lists only. */
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
}

export interface GraphWeights {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

export interface GraphValue {
  readonly name: string;
  readonly dims: readonly number[];
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly weights: readonly GraphWeights[];
  readonly input: GraphValue;
  readonly output: GraphValue;
}

const FLOAT = 1;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_INTS = 7;
const OPSET = 17;

/** The graph as an ONNX file. */
export function encodeModel(graph: Graph): Uint8Array<ArrayBuffer> {
  return concat([
    numberField(1, 8),
    textField(2, "glyphpool"),
    bytesField(7, ...encodeGraph(graph)),
    bytesField(8, textField(1, ""), numberField(2, OPSET)),
  ]);
}

function encodeGraph(graph: Graph): Uint8Array[] {
  return [
    ...graph.nodes.map((node) => bytesField(1, ...encodeNode(node))),
    textField(2, "graph"),
    ...graph.weights.map((weights) => bytesField(5, ...encodeWeights(weights))),
    bytesField(11, ...encodeValue(graph.input)),
    bytesField(12, ...encodeValue(graph.output)),
  ];
}

function encodeNode(node: GraphNode): Uint8Array[] {
  return [
    ...node.inputs.map((name) => textField(1, name)),
    textField(2, node.output),
    textField(3, node.output),
    textField(4, node.op),
    ...Object.entries(node.attributes ?? {}).map(([name, value]) =>
      typeof value === "number"
        ? bytesField(5, textField(1, name), numberField(3, value), numberField(20, ATTRIBUTE_INT))
        : bytesField(
            5,
            textField(1, name),
            ...value.map((item) => numberField(8, item)),
            numberField(20, ATTRIBUTE_INTS),
          ),
    ),
  ];
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

function encodeValue({ name, dims }: GraphValue): Uint8Array[] {
  const shape = dims.map((dim) => bytesField(1, numberField(1, dim)));
  return [
    textField(1, name),
    bytesField(2, bytesField(1, numberField(1, FLOAT), bytesField(2, ...shape))),
  ];
}
