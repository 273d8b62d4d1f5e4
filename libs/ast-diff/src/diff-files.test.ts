import fc from "fast-check";
import { expect, test } from "vitest";
import { applyScript } from "./apply-script.ts";
import { diffFiles } from "./diff-files.ts";
import type { DiffResult, SourceSpan } from "./diff-result.ts";
import { inverse, matchEitherWay } from "./distance.ts";
import { createScript } from "./edit-script.ts";
import { findMoves } from "./find-moves.ts";
import { createKindTable } from "./kind-table.ts";
import { createTreeBuilder, isSameSubtree } from "./tree.ts";
import type { Tree } from "./tree.ts";

const kinds = createKindTable();

/** A tree from the parent of each node but the root, each parent before its child, and labels. */
function treeOf(nodes: readonly (readonly [parent: number, label: string])[]): Tree {
  const children: number[][] = [[]];
  for (const [at, [parent]] of nodes.entries()) {
    children.push([]);
    children[parent % (at + 1)]!.push(at + 1);
  }
  const builder = createTreeBuilder(kinds);
  const add = (node: number, parent: number): void => {
    const label = nodes[node - 1]?.[1] ?? "";
    const made = builder.add(parent, node === 0 ? "Root" : label.slice(0, 1), "", label, 1);
    for (const child of children[node]!) add(child, made);
  };
  add(0, -1);
  return builder.finish();
}

const nodeList = fc.array(fc.tuple(fc.nat(50), fc.constantFrom("a", "a1", "a2", "b", "b1", "c")), {
  maxLength: 40,
});

test("a script carried out on A gives B exactly, moves and all", () => {
  fc.assert(
    fc.property(nodeList, nodeList, (one, other) => {
      const [a, b] = [treeOf(one), treeOf(other)];
      for (const keepsMoved of [false, true]) {
        const { partner } = findMoves(a, b, matchEitherWay(a, b, { keepsMoved }).partner);
        const made = applyScript(a, createScript(a, b, partner));
        expect(isSameSubtree(made, 0, b, 0)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test("a script for any pairing at all gives B exactly", () => {
  fc.assert(
    fc.property(
      nodeList,
      nodeList,
      fc.array(fc.tuple(fc.nat(50), fc.nat(50))),
      (one, other, picks) => {
        const [a, b] = [treeOf(one), treeOf(other)];
        const partner = new Int32Array(a.length).fill(-1);
        const back = new Int32Array(b.length).fill(-1);
        for (const [i, j] of [[0, 0], ...picks] as const) {
          if (i >= a.length || j >= b.length || (i === 0) !== (j === 0)) continue;
          if (partner[i]! >= 0 || back[j]! >= 0) continue;
          partner[i] = j;
          back[j] = i;
        }
        const made = applyScript(a, createScript(a, b, partner));
        expect(isSameSubtree(made, 0, b, 0)).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});

test("a script has the same length either way", () => {
  fc.assert(
    fc.property(nodeList, nodeList, (one, other) => {
      const [a, b] = [treeOf(one), treeOf(other)];
      const there = matchEitherWay(a, b, {}).partner;
      const back = matchEitherWay(b, a, {}).partner;
      expect(inverse(there, b.length)).toEqual(back);
      expect(createScript(a, b, there).length).toBe(createScript(b, a, back).length);
    }),
    { numRuns: 300 },
  );
});

test("a script that names what is not there is refused", () => {
  const a = treeOf([[0, "a"]]);
  const insert = { kind: "insert", node: 9, parent: 7, after: -1, adopts: 0, nodeKind: 0 } as const;
  expect(() => applyScript(a, [insert])).toThrow("no node 7");
  expect(() => applyScript(a, [{ ...insert, parent: 0, after: 8 }])).toThrow("not below");
  expect(() => applyScript(a, [{ ...insert, parent: 0, adopts: 3 }])).toThrow("no sibling");
});

async function diff(a: string | undefined, b: string | undefined, path = "src/x.ts") {
  return diffFiles({ files: [{ path, a, b }] });
}
const shown = ({ files }: DiffResult) =>
  files.flatMap(({ operations }) =>
    operations.map(({ kind, nodeType, label, newLabel }) =>
      [kind, nodeType, label, ...(newLabel === undefined ? [] : [newLabel])].join(" "),
    ),
  );
const textOf = (text: string, span: SourceSpan | undefined) => {
  const lines = text.split("\n").slice(span!.startLine - 1, span!.endLine);
  lines.push(lines.pop()!.slice(0, span!.endColumn - 1));
  return [lines[0]!.slice(span!.startColumn - 1), ...lines.slice(1)].join("\n");
};

const body = `
export function first(value: number): number {
  const doubled = value * 2;
  if (doubled > 10) return call(doubled, "many");
  return doubled;
}
`;
const other = `
export function second(list: string[]): string {
  for (const entry of list) print(entry.trim(), list.length);
  return list.join(", ");
}
`;

test("each change is told where it stands on both sides", async () => {
  const after = body.replace("> 10", ">= 10");
  const result = await diff(body, after);
  expect(shown(result)).toEqual(["update BinaryExpression operator=> operator=>="]);
  const [operation] = result.files[0]!.operations;
  expect(textOf(body, operation!.a)).toBe("doubled > 10");
  expect(textOf(after, operation!.b)).toBe("doubled >= 10");
  expect(result.variance!.distance).toEqual({ lo: 1, hi: 1 });
});

test("what comes as a whole is one insertion, a wrapper around what stays is told apart", async () => {
  const added = await diff(body, body + other);
  expect(added.files[0]!.operations).toMatchObject([{ kind: "insert", b: { startLine: 8 } }]);
  expect(added.files[0]!.operations[0]!.nodes).toBeGreaterThan(20);
  const wrapped = await diff("a(1, 2);\nb(3, 4);", "if (c) {\na(1, 2);\nb(3, 4);\n}");
  expect(shown(wrapped)).toContain("insert IfStatement ");
  expect(
    wrapped.files[0]!.operations.find(({ nodeType }) => nodeType === "IfStatement"),
  ).toMatchObject({ isWrapper: true, nodes: 1 });
  expect(wrapped.variance!.distance).toEqual({ lo: 3, hi: 3 });
});

test("code that moved to another file is a move, also when the rest of it came anew", async () => {
  const keep = "export const kept = 1;\n";
  const files = [
    { path: "a.ts", a: keep + body, b: keep },
    { path: "b.ts", a: "export const own = 2;\n", b: `export const own = 2;\n${body}` },
  ];
  const result = await diffFiles({ files });
  expect(result.moves).toMatchObject([
    { kind: "move", a: { path: "a.ts", startLine: 3 }, b: { path: "b.ts", startLine: 3 } },
  ]);
  expect(result.files.map(({ operations }) => operations.length)).toEqual([0, 1]);
});

test("a declaration that moved and was edited is a move with the edit inside", async () => {
  const result = await diff(body + other, other + body.replace('"many"', '"lots"'));
  expect(
    shown(result)
      .map((line) => line.split(" ")[0])
      .toSorted((x, y) => (x! < y! ? -1 : 1)),
  ).toEqual(["move", "update"]);
});

test("a block without a name that moved and was added to is a move with the addition inside", async () => {
  const lines = Array.from({ length: 6 }, (_, at) => `  seen.add("n${at}");\n`);
  const block = (extra = "") => `{\n${lines.join("")}${extra}}\n`;
  const result = await diff(block() + body + other, body + other + block('  seen.add("more");\n'));
  expect(shown(result).map((line) => line.split(" ")[0])).toEqual(["move", "insert"]);
});

test("a renamed file is one with a previous path", async () => {
  const result = await diffFiles({
    files: [
      { path: "new.ts", b: body },
      { path: "old.ts", a: body },
    ],
  });
  expect(result.files).toMatchObject([{ path: "new.ts", previousPath: "old.ts", operations: [] }]);
});

test("a renamed binding is shown once, with every place", async () => {
  const result = await diff(body, body.replaceAll("doubled", "twice"));
  expect(result.renames).toMatchObject([{ from: "doubled", to: "twice" }]);
  expect(result.renames[0]!.a).toHaveLength(4);
  expect(shown(result)).toEqual(["rename Identifier doubled twice"]);
  expect(result.files[0]!.outcome).toBe("same-but-names");
});

test("files in other languages and plain texts are compared as well", async () => {
  const python = await diff(
    "def f(a):\n    return a + 1\n",
    "def f(a):\n    return a - 1\n",
    "x.py",
  );
  expect(python.files[0]).toMatchObject({ language: "python", outcome: "differs" });
  const text = await diff("one\ntwo\nthree\n", "one\nthree\n", "notes.unknown");
  expect(text.files[0]!.operations).toMatchObject([{ kind: "delete", label: "two" }]);
});

test("equal files have no operations, and say in what they are equal", async () => {
  const outcomes = async (a: string, b: string) => (await diff(a, b)).files[0]!.outcome;
  expect(await outcomes(body, body)).toBe("identical");
  expect(await outcomes(body, body.replaceAll('"', "'"))).toBe("same-form");
  expect(await outcomes(body + other, other + body)).toBe("same-but-order");
  expect((await diff(body, body)).similarity!.token).toBe(1);
});

const unread: [string, string, string, string][] = [
  ["a syntax error", "x.ts", "let a = ;", "parse-error"],
  ["a binary file", "x.bin", "a\0b", "not-text"],
  ["lost bytes", "x.ts", "f('\uFFFD')", "not-text"],
  ["50 MB", "x.ts", `f("${"a".repeat(50_000_000)}")`, "too-large"],
];
test.each(unread)(
  "what cannot be read is said so, without a variance (P3): %s",
  async (_, path, b, reason) => {
    const result = await diffFiles({ files: [{ path, a: "f(1)", b }], hasSimilarity: false });
    expect(result.files[0]).toMatchObject({ outcome: "unread", reason, operations: [] });
    expect(result.variance).toBeUndefined();
  },
);

test("a line of 1 MB is read", async () => {
  const line = (end: string) => `f([${"1234567,".repeat(124_000)}${end}])`;
  const result = await diffFiles({
    files: [{ path: "x.js", a: line("2"), b: line("3") }],
    caps: { maxNodes: 1_000_000 },
    hasSimilarity: false,
  });
  expect(shown(result)).toEqual(["update Literal 2 3"]);
}, 30_000);

const statements = fc
  .array(
    fc.constantFrom("a(1);", "b(2);", "if (c) { d(3, e); }", "const f = g + h;", "{ i(); j(); }"),
    {
      maxLength: 8,
    },
  )
  .map((lines) => lines.join("\n"));

test("the variance is 0 for equal programs alone, within bounds, and the same either way", async () => {
  await fc.assert(
    fc.asyncProperty(statements, statements, async (a, b) => {
      const there = await diff(a, b);
      const back = await diff(b, a);
      expect(back.variance).toEqual(there.variance);
      const [lo, hi] = there.variance!.ratio;
      expect(0 <= lo && lo <= hi && hi <= 1).toBe(true);
      expect(lo > 0).toBe(a !== b);
      expect(there.files[0]!.operations.length === 0).toBe(a === b);
    }),
    { numRuns: 100 },
  );
});
