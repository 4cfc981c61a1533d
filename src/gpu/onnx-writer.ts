/**
 * Writes small ONNX files: the graphs with which the runtime is started and the GPU is checked are
 * spelled out as code rather than kept as opaque bytes.
 * Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */

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
export function encodeModel(graph: Graph): Uint8Array {
  const opset = message(text(1, ""), integer(2, OPSET));
  return Uint8Array.from(
    message(integer(1, 8), text(2, "glyphpool"), bytes(7, encodeGraph(graph)), bytes(8, opset)),
  );
}

function encodeGraph(graph: Graph): number[] {
  return message(
    ...graph.nodes.map((node) => bytes(1, encodeNode(node))),
    text(2, "graph"),
    ...graph.weights.map((weights) => bytes(5, encodeWeights(weights))),
    bytes(11, encodeValue(graph.input)),
    bytes(12, encodeValue(graph.output)),
  );
}

function encodeNode(node: GraphNode): number[] {
  return message(
    ...node.inputs.map((name) => text(1, name)),
    text(2, node.output),
    text(3, node.output),
    text(4, node.op),
    ...Object.entries(node.attributes ?? {}).map(([name, value]) =>
      bytes(
        5,
        typeof value === "number"
          ? message(text(1, name), integer(3, value), integer(20, ATTRIBUTE_INT))
          : message(
              text(1, name),
              ...value.map((item) => integer(8, item)),
              integer(20, ATTRIBUTE_INTS),
            ),
      ),
    ),
  );
}

function encodeWeights({ name, dims, data }: GraphWeights): number[] {
  const raw = [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
  return message(
    ...dims.map((dim) => integer(1, dim)),
    integer(2, FLOAT),
    text(8, name),
    bytes(9, raw),
  );
}

function encodeValue({ name, dims }: GraphValue): number[] {
  const shape = message(...dims.map((dim) => bytes(1, integer(1, dim))));
  const tensor = message(integer(1, FLOAT), bytes(2, shape));
  return message(text(1, name), bytes(2, bytes(1, tensor)));
}

const utf8 = new TextEncoder();

function message(...fields: readonly number[][]): number[] {
  return fields.flat();
}

function varint(value: number): number[] {
  const out: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) out.push((value % 128) | 128);
  return [...out, value];
}

function integer(field: number, value: number): number[] {
  return [...varint(field * 8), ...varint(value)];
}

function bytes(field: number, value: readonly number[]): number[] {
  return [...varint(field * 8 + 2), ...varint(value.length), ...value];
}

function text(field: number, value: string): number[] {
  return bytes(field, [...utf8.encode(value)]);
}
