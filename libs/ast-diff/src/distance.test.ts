import fc from "fast-check";
import { expect, test } from "vitest";
import { costOf, leastCost, measureDistance } from "./distance.ts";
import { planExactMatch } from "./exact-match.ts";
import { bestInOrder, heaviestRising, pairEqualKeys } from "./align.ts";
import { createKindTable } from "./kind-table.ts";
import { createTreeBuilder } from "./tree.ts";
import type { Tree } from "./tree.ts";

interface Sketch {
  readonly type: string;
  readonly label: string;
  readonly children: readonly Sketch[];
}

const kinds = createKindTable();

function build(sketch: Sketch): Tree {
  const builder = createTreeBuilder(kinds);
  const add = (node: Sketch, parent: number): void => {
    const at = builder.add(parent, node.type, "", node.label, 1);
    for (const child of node.children) add(child, at);
  };
  add(sketch, -1);
  return builder.finish();
}

function sketchOf(children: fc.Arbitrary<readonly Sketch[]>): fc.Arbitrary<Sketch> {
  return fc.record({ type: fc.constantFrom("A", "B"), label: fc.constantFrom("x", "y"), children });
}
const level = (below: fc.Arbitrary<Sketch>) => fc.array(below, { maxLength: 2 });
const small = level(sketchOf(level(sketchOf(level(sketchOf(fc.constant([])))))))
  .map((children): Sketch => ({ type: "Root", label: "", children }))
  .filter((node) => build(node).type.length <= 9);

/** The textbook recursion over forests, for comparison. */
function textbook(x: readonly Sketch[], y: readonly Sketch[]): number {
  const sizeOf = (forest: readonly Sketch[]): number =>
    forest.reduce((sum, node) => sum + 1 + sizeOf(node.children), 0);
  if (x.length === 0 || y.length === 0) return sizeOf(x) + sizeOf(y);
  const [lastX, lastY] = [x.at(-1)!, y.at(-1)!];
  const [restX, restY] = [x.slice(0, -1), y.slice(0, -1)];
  const relabel = lastX.type === lastY.type ? Number(lastX.label !== lastY.label) : 2;
  return Math.min(
    textbook([...restX, ...lastX.children], y) + 1,
    textbook(x, [...restY, ...lastY.children]) + 1,
    textbook(restX, restY) + textbook(lastX.children, lastY.children) + relabel,
  );
}

test("the distance of small trees is the exact tree edit distance", () => {
  fc.assert(
    fc.property(small, small, (one, other) => {
      const expected = textbook([one], [other]);
      const { lo, hi } = measureDistance(build(one), build(other));
      expect([lo, hi]).toEqual([expected, expected]);
    }),
    { numRuns: 300 },
  );
});

test("an exact matching, carried out, costs the exact distance", () => {
  fc.assert(
    fc.property(small, small, (one, other) => {
      const [x, y] = [build(one), build(other)];
      const partner = new Int32Array(x.type.length).fill(-1);
      planExactMatch({ tree: x, roots: [0] }, { tree: y, roots: [0] }).match((i, j) => {
        partner[i] = j;
      });
      expect(costOf(x, y, partner)).toBe(textbook([one], [other]));
    }),
    { numRuns: 200 },
  );
});

test("the lower bound never exceeds the exact distance", () => {
  fc.assert(
    fc.property(small, small, (one, other) => {
      const exact = textbook([one], [other]);
      fc.pre(exact > 0);
      expect(leastCost(build(one), build(other))).toBeLessThanOrEqual(exact);
    }),
    { numRuns: 300 },
  );
});

test("a matching that is no edit script has no cost", () => {
  const leaf = (label: string): Sketch => ({ type: "A", label, children: [] });
  const root = (...children: Sketch[]): Sketch => ({ type: "Root", label: "", children });
  const x = build(root(leaf("x"), leaf("y")));
  const y = build(root(leaf("y"), leaf("x")));
  expect(costOf(x, y, Int32Array.of(0, 2, 1))).toBeUndefined();
  expect(costOf(x, y, Int32Array.of(0, 1, 1))).toBeUndefined();
  const deep = build(root({ ...leaf("x"), children: [leaf("y")] }));
  expect(costOf(x, deep, Int32Array.of(0, 1, 2))).toBeUndefined();
  expect(costOf(x, deep, Int32Array.of(0, 1, -1))).toBe(2);
});

const wide = fc
  .array(fc.array(fc.constantFrom("p", "q", "r", "s"), { minLength: 4, maxLength: 12 }), {
    minLength: 40,
    maxLength: 60,
  })
  .map((groups): Sketch => {
    const children = groups.map((labels, at) => ({
      type: `G${at % 3}`,
      label: "",
      children: labels.map((label) => ({ type: "A", label, children: [] })),
    }));
    return { type: "Root", label: "", children };
  });

test("trees too large for an exact answer get a sound interval, the same from both sides", () => {
  fc.assert(
    fc.property(wide, wide, (one, other) => {
      const [x, y] = [build(one), build(other)];
      const there = measureDistance(x, y);
      const back = measureDistance(y, x);
      expect([back.lo, back.hi]).toEqual([there.lo, there.hi]);
      expect(there.lo).toBeLessThanOrEqual(there.hi);
      expect(costOf(x, y, there.partner)).toBe(there.hi);
    }),
    { numRuns: 30 },
  );
});

const letters = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 12 });
const numbers = fc.uniqueArray(fc.nat(30), { maxLength: 10 });

test("alignment keeps order and pairs equal keys only", () => {
  fc.assert(
    fc.property(letters, letters, (xs, ys) => {
      let [lastX, lastY] = [-1, -1];
      for (const [x, y] of heaviestRising(pairEqualKeys(xs, ys), () => 1)) {
        expect(xs[x]).toBe(ys[y]);
        expect(x > lastX && y > lastY).toBe(true);
        [lastX, lastY] = [x, y];
      }
    }),
  );
});

test("the heaviest series is the heaviest there is", () => {
  fc.assert(
    fc.property(numbers, (ys) => {
      const pairs = ys.map((y, x) => [x, y] as const);
      const weightOf = (pair: readonly [number, number]) => 1 + (pair[1] % 5);
      const sum = (series: readonly (readonly [number, number])[]) =>
        series.reduce((all, pair) => all + weightOf(pair), 0);
      let most = 0;
      for (let chosen = 0; chosen < 1 << pairs.length; chosen++) {
        const series = pairs.filter((_, at) => chosen & (1 << at));
        if (series.every(([, y], at) => at === 0 || y > series[at - 1]![1]))
          most = Math.max(most, sum(series));
      }
      expect(sum(heaviestRising(pairs, weightOf))).toBe(most);
      const inOrder = bestInOrder(ys.length, 31, (x, y) => (ys[x] === y ? 1 + (y % 5) : 0));
      expect(sum(inOrder)).toBe(most);
    }),
    { numRuns: 60 },
  );
});

test("of pairs of which none cross, all are kept", () => {
  fc.assert(
    fc.property(numbers, (ys) => {
      const pairs = ys.toSorted((one, other) => one - other).map((y, x) => [x, y] as const);
      expect(heaviestRising(pairs, () => 1)).toEqual(pairs);
    }),
  );
});
