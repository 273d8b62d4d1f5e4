import { expect, test } from "vitest";
import { startLimits } from "./caps.ts";
import { compareRenders } from "./compare-renders.ts";
import { diffFiles } from "./diff-files.ts";
import { createForest } from "./forest.ts";
import { loadParsers } from "./parsers.ts";
import { createReadings } from "./readings.ts";
import { reportChange } from "./report-change.ts";

const base = "export function sum(a, b) {\n  return a - b;\n}\nexport const one = { a: 1 };\n";
const a = base.replace("a - b", "a + b");
const b = base.replace("a - b", "[b, a].reduce((x, y) => x + y)");
const files = [
  { path: "sum.js", base, a, b },
  { path: "sum.ts", base, a, b },
  { path: "notes.json", base: '{"a": 1}', a: '{"a": 2}', b: '{"a": 2, "b": 1}' },
];

test("calls that share what they read answer as each of them does alone", async () => {
  const readings = createReadings();
  const calls = (shared: { readings?: typeof readings }) => [
    () =>
      reportChange({
        files: files.map(({ path, base: from, a: to }) => ({ path, base: from, candidate: to })),
        ...shared,
      }),
    () => compareRenders({ files, ...shared }),
    () =>
      diffFiles({ files: files.map(({ path, a: to }) => ({ path, a: base, b: to })), ...shared }),
    () => diffFiles({ files, ...shared }),
    () => diffFiles({ files, parser: "babel", ...shared }),
  ];
  const shared = calls({ readings });
  for (const [at, alone] of calls({}).entries())
    expect(await shared[at]?.()).toEqual(await alone());
});

test("a text is parsed once for all of them, under another path again", async () => {
  const parse = await loadParsers();
  const parsed: string[] = [];
  const counting: typeof parse = (path, text) => {
    parsed.push(path);
    return parse(path, text);
  };
  const readings = createReadings();
  for (const path of ["x.js", "x.js", "y.ts"]) {
    const forest = createForest(counting, startLimits(), readings);
    expect(forest.load(path, base)).toBeUndefined();
    expect(forest.nodeCount()).toBe(forest.treeOf(path, base).length);
  }
  expect(parsed).toEqual(["x.js", "y.ts"]);
});

test("P3: a text that could not be read is asked for again, and refused again", async () => {
  const parse = await loadParsers();
  const readings = createReadings();
  for (const _ of ["first", "second"])
    expect(createForest(parse, startLimits(), readings).load("x.ts", "let a = (;")).toEqual({
      reason: "parse-error",
      path: "x.ts",
    });
});

test("P3: no verdict rests on a text that was only read beside a like one", async () => {
  const readings = createReadings();
  await diffFiles({ files: [{ path: "sum.ts", a: base, b }], readings });
  expect(readings.find("sum.ts", b)).toBeUndefined();
});
