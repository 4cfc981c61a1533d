/**
 * TEDS, the similarity of two tables by the edit distance of their trees (Zhong, ShafieiBavani and Jimeno Yepes,
 * "Image-based table recognition: data, model, and evaluation", 2020). The distance is that of Zhang and Shasha, which
 * is the same as APTED's: both are exact, and the trees of tables are shallow.
 */
import { normalizedDistance } from "./edit-distance.ts";
import { parseTable, type TableNode, type TableRules, type TableTree } from "./html-table.ts";

export interface TableScore {
  /** 0–1, structure and text. */
  readonly teds: number;
  /** 0–1, the structure alone: cells are empty. */
  readonly structure: number;
}

/** Both scores of a table, given as HTML. They are 0 where either side has no table. */
export function scoreTable(
  predicted: string,
  truth: string,
  rules: TableRules = "omnidocbench",
): TableScore {
  const [left, right] = [parseTable(predicted, rules), parseTable(truth, rules)];
  if (!left || !right) return { teds: 0, structure: 0 };
  return {
    teds: similarity(left, right, contentCost()),
    structure: similarity(left, right, structureCost),
  };
}

/** What it costs to make one node the other, 0–1. */
type RenameCost = (a: TableNode, b: TableNode) => number;

function structureCost(a: TableNode, b: TableNode): number {
  const isSame = a.tag === b.tag && a.columnSpan === b.columnSpan && a.rowSpan === b.rowSpan;
  return isSame ? 0 : 1;
}

/** The same cells are compared for each pair of subtrees that hold them. */
function contentCost(): RenameCost {
  const known = new Map<TableNode, Map<TableNode, number>>();
  return (a, b) => {
    if (a.tag !== "td" || structureCost(a, b) === 1) return structureCost(a, b);
    let costs = known.get(a);
    if (!costs) known.set(a, (costs = new Map()));
    let cost = costs.get(b);
    if (cost === undefined) costs.set(b, (cost = normalizedDistance(a.content, b.content)));
    return cost;
  };
}

function similarity(a: TableTree, b: TableTree, rename: RenameCost): number {
  const most = Math.max(a.elements, b.elements);
  return most === 0 ? 1 : 1 - treeDistance(a.root, b.root, rename) / most;
}

/** A tree in postorder. */
interface Postorder {
  readonly nodes: TableNode[];
  /** Of each node the index of its leftmost leaf. */
  readonly leftmost: number[];
  /** The root and all nodes with a left sibling, rising. */
  readonly keyRoots: number[];
}

function postorder(root: TableNode): Postorder {
  const nodes: TableNode[] = [];
  const leftmost: number[] = [];
  const visit = (node: TableNode): number => {
    const leaves = node.children.map(visit);
    nodes.push(node);
    leftmost.push(leaves[0] ?? nodes.length - 1);
    return leftmost.at(-1) as number;
  };
  visit(root);
  const highest = new Map<number, number>();
  for (const [i, leaf] of leftmost.entries()) highest.set(leaf, i);
  return { nodes, leftmost, keyRoots: [...highest.values()].sort((x, y) => x - y) };
}

/** Inserting and deleting a node costs 1. */
function treeDistance(first: TableNode, second: TableNode, rename: RenameCost): number {
  const [a, b] = [postorder(first), postorder(second)];
  const width = b.nodes.length;
  const trees = new Float64Array(a.nodes.length * width);
  for (const i of a.keyRoots) {
    for (const j of b.keyRoots) forestDistance(a, b, i, j, trees, rename);
  }
  return trees.at(-1) as number;
}

/** Fills `trees` for the subtrees whose leftmost leaf is that of the key roots i and j. */
function forestDistance(
  a: Postorder,
  b: Postorder,
  i: number,
  j: number,
  trees: Float64Array,
  rename: RenameCost,
): void {
  const [top, left] = [a.leftmost[i] as number, b.leftmost[j] as number];
  const [height, width] = [i - top + 2, j - left + 2];
  const forest = new Float64Array(height * width);
  for (let y = 1; y < height; y++) forest[y * width] = y;
  for (let x = 1; x < width; x++) forest[x] = x;
  for (let y = 1; y < height; y++) {
    const node = top + y - 1;
    const nodeTop = a.leftmost[node] as number;
    for (let x = 1; x < width; x++) {
      const other = left + x - 1;
      const otherLeft = b.leftmost[other] as number;
      const cell = y * width + x;
      const around = Math.min(forest[cell - width] as number, forest[cell - 1] as number) + 1;
      const tree = node * b.nodes.length + other;
      if (nodeTop === top && otherLeft === left) {
        const cost = rename(a.nodes[node] as TableNode, b.nodes[other] as TableNode);
        forest[cell] = Math.min(around, (forest[cell - width - 1] as number) + cost);
        trees[tree] = forest[cell];
      } else {
        const before = forest[(nodeTop - top) * width + (otherLeft - left)] as number;
        forest[cell] = Math.min(around, before + (trees[tree] as number));
      }
    }
  }
}
