/**
 * Cuts the head of a recogniser to some of its classes: the last MatMul and Add get only the columns that are wanted,
 * which the runtime picks once, while it loads the graph. The softmax then runs over these classes alone.
 */
import {
  encodeNodeField,
  encodeOutputField,
  type GraphNode,
  type IntegerTensor,
} from "../onnx-writer.ts";
import { concat } from "../protobuf.ts";
import type { GraphEdits } from "./edits.ts";
import type { OnnxGraph, OnnxNode } from "./onnx-graph.ts";

const INDICES = "glyphpool:classes";

/**
 * @param output the graph's one output, a softmax over the classes
 * @param classes those that stay, ascending
 * @returns nothing where the graph does not end as PP-OCR's recognisers do
 */
export function narrowHead(
  graph: OnnxGraph,
  output: { readonly name: string; readonly type: number },
  classes: readonly number[],
): GraphEdits | undefined {
  const makers = new Map<string, OnnxNode>();
  for (const node of graph.nodes) for (const name of node.outputs) makers.set(name, node);
  const maker = (name: string | undefined, operator: string): OnnxNode | undefined => {
    let node = makers.get(name ?? "");
    while (node?.operator === "Identity") node = makers.get(node.inputs[0] ?? "");
    return node?.operator === operator && node.domain === "" ? node : undefined;
  };
  const add = maker(maker(output.name, "Softmax")?.inputs[0], "Add");
  const product = add?.inputs.map((input) => maker(input, "MatMul")).find(Boolean);
  const bias = add?.inputs.find((input) => isConstant(graph, makers, input));
  const [features, weights] = product?.inputs ?? [];
  if (!add || !product || !bias || !features || !weights) return undefined;
  if (!isConstant(graph, makers, weights) || graph.outputs.length !== 1) return undefined;

  const narrowed = (name: string): string => `${name}:classes`;
  const pick = (name: string, axis: number): GraphNode => ({
    op: "Gather",
    inputs: [name, INDICES],
    output: narrowed(name),
    attributes: { axis },
  });
  const indices: IntegerTensor = { dims: [classes.length], value: classes };
  const before: GraphNode[] = [
    { op: "Constant", inputs: [], output: INDICES, attributes: { value: indices } },
    pick(weights, 1),
    pick(bias, 0),
  ];
  const rewired = (node: OnnxNode, from: string): GraphNode => ({
    op: node.operator,
    inputs: node.inputs.map((input) => (input === from ? narrowed(from) : input)),
    output: node.outputs[0] as string,
  });
  const nodes = [...before, rewired(product, weights)].map(encodeNodeField);
  const changes = new Map<number, Uint8Array>([
    [product.field.start, concat(nodes)],
    [add.field.start, encodeNodeField(rewired(add, bias))],
    ...graph.outputs.map(({ start }): [number, Uint8Array] => [
      start,
      encodeOutputField(output.name, output.type),
    ]),
    // Their shapes are those of all classes.
    ...graph.values.map(({ start }): [number, Uint8Array] => [start, new Uint8Array(0)]),
  ]);
  return { changes, addition: new Uint8Array(0) };
}

/** Weights that are stored in half precision come out of a Cast. */
function isConstant(
  graph: OnnxGraph,
  makers: ReadonlyMap<string, OnnxNode>,
  name: string,
): boolean {
  const maker = makers.get(name);
  return (
    graph.constants.has(name) ||
    (maker?.operator === "Cast" && graph.constants.has(maker.inputs[0] ?? ""))
  );
}
