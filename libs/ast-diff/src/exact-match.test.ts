import fc from "fast-check";
import { expect, test } from "vitest";
import { costOf } from "./distance.ts";
import { planExactMatch } from "./exact-match.ts";
import { createKindTable } from "./kind-table.ts";
import { createTreeBuilder } from "./tree.ts";
import type { Tree } from "./tree.ts";

interface Sketch {
  readonly type: string;
  readonly label: string;
  readonly children: readonly Sketch[];
}

const kinds = createKindTable();

function build(root: Sketch): Tree {
  const builder = createTreeBuilder(kinds);
  const add = (node: Sketch, parent: number): void => {
    const at = builder.add(parent, node.type, "", node.label, 1);
    for (const child of node.children) add(child, at);
  };
  add(root, -1);
  return builder.finish();
}

/** Zhang and Shasha's tables as in their paper, whole and without their short cuts. */
function tableDistance(x: Sketch, y: Sketch): number {
  const [px, py] = [postOrder(x), postOrder(y)];
  const trees = px.map(() => py.map(() => 0));
  for (const i of keyRoots(px)) for (const j of keyRoots(py)) fillForests(px, py, i, j, trees);
  return trees.at(-1)?.at(-1) ?? 0;
}

type Posted = readonly { readonly node: Sketch; readonly left: number }[];

function fillForests(px: Posted, py: Posted, i: number, j: number, trees: number[][]): void {
  const [left, top] = [px[i]!.left, py[j]!.left];
  const forests = Array.from({ length: i - left + 2 }, (_, row) =>
    Array.from({ length: j - top + 2 }, (__, column) => (row === 0 ? column : row)),
  );
  for (let row = 1; row <= i - left + 1; row++)
    for (let column = 1; column <= j - top + 1; column++) {
      const [one, other] = [px[left + row - 1]!, py[top + column - 1]!];
      const edits = Math.min(forests[row - 1]![column]!, forests[row]![column - 1]!) + 1;
      const areTrees = one.left === left && other.left === top;
      const kept = areTrees
        ? forests[row - 1]![column - 1]! + relabelCost(one.node, other.node)
        : forests[one.left - left]![other.left - top]! + trees[left + row - 1]![top + column - 1]!;
      forests[row]![column] = Math.min(edits, kept);
      if (areTrees) trees[left + row - 1]![top + column - 1] = forests[row]![column]!;
    }
}

function relabelCost(one: Sketch, other: Sketch): number {
  return one.type === other.type ? Number(one.label !== other.label) : 2;
}

function postOrder(root: Sketch): Posted {
  const posted: { node: Sketch; left: number }[] = [];
  const add = (node: Sketch): void => {
    const left = posted.length;
    for (const child of node.children) add(child);
    posted.push({ node, left });
  };
  add(root);
  return posted;
}

function keyRoots(posted: Posted): number[] {
  return [...new Map(posted.map(({ left }, at) => [left, at])).values()].toSorted((a, b) => a - b);
}

const sketchOf = (depth: number): fc.Arbitrary<Sketch> =>
  fc.record({
    type: fc.constantFrom("A", "B", "C"),
    label: fc.constantFrom("x", "y", "z", "w"),
    children: depth === 0 ? fc.constant([]) : fc.array(sketchOf(depth - 1), { maxLength: 3 }),
  });
const forest = fc
  .array(sketchOf(3), { minLength: 4, maxLength: 8 })
  .map((children): Sketch => ({ type: "Root", label: "", children }));

/** What to do with the nodes, in preorder: mostly nothing. */
const edits = fc.array(
  fc.oneof(
    { arbitrary: fc.constant("keep"), weight: 12 },
    { arbitrary: fc.constantFrom("drop", "relabel", "wrap", "retype"), weight: 1 },
  ),
  { minLength: 120, maxLength: 120 },
);

function edited(root: Sketch, plan: readonly string[]): Sketch {
  let next = 0;
  const edit = (node: Sketch): Sketch[] => {
    const what = plan[next++ % plan.length];
    const children = node.children.flatMap(edit);
    switch (what) {
      case "drop":
        return children;
      case "relabel":
        return [{ ...node, label: "v", children }];
      case "retype":
        return [{ ...node, type: "D", children }];
      case "wrap":
        return [{ type: "A", label: "", children: [{ ...node, children }] }];
      default:
        return [{ ...node, children }];
    }
  };
  return { ...root, children: root.children.flatMap(edit) };
}

/** What the mapping that is found costs, carried out. */
function costOfMapping(one: Sketch, other: Sketch): number | undefined {
  const [x, y] = [build(one), build(other)];
  const partner = new Int32Array(x.length).fill(-1);
  planExactMatch({ tree: x, roots: [0] }, { tree: y, roots: [0] }).match((i, j) => {
    partner[i] = j;
  });
  return costOf(x, y, partner);
}

test("a mapping found in a band of the tables costs what the whole tables say", () => {
  fc.assert(
    fc.property(forest, edits, (one, plan) => {
      const other = edited(one, plan);
      expect(costOfMapping(one, other)).toBe(tableDistance(one, other));
    }),
    { numRuns: 150 },
  );
});

test("a distance far above what the counts of nodes say is found in a wider band", () => {
  fc.assert(
    fc.property(forest, edits, fc.nat(7), (one, plan, turn) => {
      const { children } = edited(one, plan);
      const turned = [...children.slice(turn), ...children.slice(0, turn)];
      const other = { ...one, children: turned };
      expect(costOfMapping(one, other)).toBe(tableDistance(one, other));
    }),
    { numRuns: 100 },
  );
});
