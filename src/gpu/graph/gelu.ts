/**
 * Replaces the five nodes that published graphs spell the GELU activation with by one FastGelu, an operator of the
 * runtime's own. It takes the tanh form, which differs from the erf form by less than 0.0005 everywhere; the five nodes
 * make up a fifth of the recogniser's time on wasm.
 */
import { encodeDomain, encodeNodeField } from "../onnx-writer.ts";
import { type GraphEdits, NO_EDITS } from "./edits.ts";
import type { OnnxGraph, OnnxNode } from "./onnx-graph.ts";

const DOMAIN = "com.microsoft";
const TOLERANCE = 1e-3;

/** x · (1 + erf(x / √2)) · ½, in the two orders that exporters write. */
export function fuseGelu(graph: OnnxGraph): GraphEdits {
  const uses = new Map<string, OnnxNode[]>();
  const makers = new Map<string, OnnxNode>();
  for (const node of graph.nodes) {
    for (const input of new Set(node.inputs)) uses.set(input, [...(uses.get(input) ?? []), node]);
    for (const output of node.outputs) makers.set(output, node);
  }
  /** The one node that takes a node's output. */
  const next = (node: OnnxNode | undefined, operator: string): OnnxNode | undefined => {
    const [only, ...others] = uses.get(node?.outputs[0] ?? "") ?? [];
    return only?.operator === operator && others.length === 0 ? only : undefined;
  };
  /** The input that is not a constant, where the other is about this number. */
  const besides = (node: OnnxNode | undefined, wanted: number): string | undefined => {
    const [a = "", b = ""] = node?.inputs ?? [];
    const is = (name: string): boolean =>
      Math.abs((graph.numbers.get(name) ?? Infinity) - wanted) < TOLERANCE;
    if (is(b)) return a;
    return is(a) && node?.operator !== "Div" ? b : undefined;
  };
  const find = (erf: OnnxNode): { x: string; chain: OnnxNode[] } | undefined => {
    const scale = makers.get(erf.inputs[0] ?? "");
    if (!scale || next(scale, "Erf") !== erf) return undefined;
    const x = scale.operator === "Div" ? besides(scale, Math.SQRT2) : undefined;
    const scaled = x ?? (scale.operator === "Mul" ? besides(scale, Math.SQRT1_2) : undefined);
    const add = next(erf, "Add");
    if (scaled === undefined || besides(add, 1) === undefined) return undefined;
    const product = next(add, "Mul");
    const last = next(product, "Mul");
    if (!add || !product || !last) return undefined;
    const sum = add.outputs[0] as string;
    const other = product.inputs.find((input) => input !== sum);
    const halvesLast = other === scaled && besides(last, 0.5) === product.outputs[0];
    const halvesFirst =
      besides(product, 0.5) === sum &&
      last.inputs.some((input) => input === scaled) &&
      last.inputs.some((input) => input === product.outputs[0]);
    if (!halvesLast && !halvesFirst) return undefined;
    return { x: scaled, chain: [scale, erf, add, product, last] };
  };
  const changes = new Map<number, Uint8Array>();
  for (const node of graph.nodes) {
    const found = node.operator === "Erf" ? find(node) : undefined;
    if (!found) continue;
    for (const { field } of found.chain) changes.set(field.start, new Uint8Array(0));
    const last = found.chain.at(-1) as OnnxNode;
    const fused = { op: "FastGelu", inputs: [found.x], output: last.outputs[0] as string };
    changes.set(last.field.start, encodeNodeField({ ...fused, domain: DOMAIN }));
  }
  return changes.size === 0 ? NO_EDITS : { changes, addition: encodeDomain(DOMAIN, 1) };
}
