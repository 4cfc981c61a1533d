import { describe, expect, it } from "vitest";
import { NO_EDITS, joinEdits, readEdited } from "../../../../src/gpu/graph/edits.ts";
import { fuseGelu } from "../../../../src/gpu/graph/gelu.ts";
import { narrowHead } from "../../../../src/gpu/graph/narrow-head.ts";
import { readOnnxGraph } from "../../../../src/gpu/graph/onnx-graph.ts";
import { FLOAT, encodeModel, type GraphNode } from "../../../../src/gpu/onnx-writer.ts";

const value = (name: string) => ({ name, dims: [1, 2, 3] });
const number = (name: string, n: number) => ({ name, dims: [1], data: Float32Array.of(n) });

function model(nodes: readonly GraphNode[], constants: Readonly<Record<string, number>>): Blob {
  const weights = Object.entries(constants).map(([name, n]) => number(name, n));
  return new Blob([encodeModel({ nodes, weights, input: value("x"), output: value("y") })]);
}

const node = (op: string, inputs: string[], output: string): GraphNode => ({ op, inputs, output });
const NUMBERS = { root: Math.SQRT2, inverse: Math.SQRT1_2, one: 1, half: 0.5, two: 2 };

const GELU = [
  node("Relu", ["x"], "a"),
  node("Div", ["a", "root"], "b"),
  node("Erf", ["b"], "c"),
  node("Add", ["c", "one"], "d"),
  node("Mul", ["a", "d"], "e"),
  node("Mul", ["e", "half"], "f"),
  node("Relu", ["f"], "y"),
];

async function operators(nodes: readonly GraphNode[]): Promise<string[]> {
  const file = model(nodes, NUMBERS);
  const edits = fuseGelu(await readOnnxGraph(file));
  const graph = await readOnnxGraph(new Blob([await readEdited(file, edits)]));
  return graph.nodes.map(({ operator, domain, inputs, outputs }) =>
    [domain, operator, ...inputs, ...outputs].join(" ").trim(),
  );
}

describe("readEdited", () => {
  it("gives the file as it is where nothing is changed, with what is added behind it", async () => {
    const file = new Blob([new Uint8Array(3_000_000).fill(7)]);
    const bytes = await readEdited(file, { ...NO_EDITS, addition: Uint8Array.of(1, 2) });
    expect(bytes.length).toBe(3_000_002);
    expect([...bytes.subarray(-3)]).toEqual([7, 1, 2]);
    expect(bytes.subarray(0, -2).every((byte) => byte === 7)).toBe(true);
  });

  it("joins the edits of one file", () => {
    const a = { changes: new Map([[1, Uint8Array.of(1)]]), addition: Uint8Array.of(1) };
    const b = { changes: new Map([[2, Uint8Array.of(2)]]), addition: Uint8Array.of(2) };
    const { changes, addition } = joinEdits(a, b);
    expect([...changes.keys()]).toEqual([1, 2]);
    expect([...addition]).toEqual([1, 2]);
  });
});

describe("fuseGelu", () => {
  const FUSED = ["Relu x a", "com.microsoft FastGelu a f", "Relu f y"];

  it("takes both orders in which exporters write it", async () => {
    expect(await operators(GELU)).toEqual(FUSED);
    const halvesFirst = GELU.with(4, node("Mul", ["d", "half"], "e")).with(
      5,
      node("Mul", ["a", "e"], "f"),
    );
    expect(await operators(halvesFirst)).toEqual(FUSED);
    expect(await operators(GELU.with(1, node("Mul", ["inverse", "a"], "b")))).toEqual(FUSED);
  });

  it.each([
    ["another factor", GELU.with(5, node("Mul", ["e", "two"], "f"))],
    ["another scale", GELU.with(1, node("Div", ["a", "two"], "b"))],
    ["a part that is used elsewhere", [...GELU, node("Relu", ["c"], "z")]],
    ["another factor than its input", GELU.with(4, node("Mul", ["x", "d"], "e"))],
  ])("leaves %s alone", async (_name, nodes) => {
    expect((await operators(nodes)).join()).not.toContain("FastGelu");
  });
});

describe("narrowHead", () => {
  const HEAD = [
    node("MatMul", ["x", "w"], "a"),
    node("Add", ["a", "b"], "c"),
    node("Identity", ["c"], "d"),
    node("Softmax", ["d"], "y"),
  ];
  const output = { name: "y", type: FLOAT };

  it("picks the columns of the last MatMul and Add", async () => {
    const file = model(HEAD, { w: 1, b: 1 });
    const edits = narrowHead(await readOnnxGraph(file), output, [0, 2]);
    const { nodes } = await readOnnxGraph(new Blob([await readEdited(file, edits!)]));
    expect(nodes.map(({ operator, inputs }) => [operator, ...inputs].join(" "))).toEqual([
      "Constant",
      "Gather w glyphpool:classes",
      "Gather b glyphpool:classes",
      "MatMul x w:classes",
      "Add a b:classes",
      "Identity c",
      "Softmax d",
    ]);
  });

  it("leaves other heads alone", async () => {
    const graph = await readOnnxGraph(
      model(HEAD.with(0, node("Conv", ["x", "w"], "a")), { w: 1, b: 1 }),
    );
    expect(narrowHead(graph, output, [0, 2])).toBeUndefined();
    const dynamic = await readOnnxGraph(model(HEAD, { b: 1 }));
    expect(narrowHead(dynamic, output, [0, 2])).toBeUndefined();
  });
});
