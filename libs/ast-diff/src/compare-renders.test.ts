import fc from "fast-check";
import { expect, test } from "vitest";
import { compareRenders } from "./compare-renders.ts";
import type { Caps } from "./caps.ts";
import type { Comparison, FileVersion } from "./comparison.ts";

type Measured = Extract<Comparison, { kind: "measured" }>;

async function compare(base: FileVersion, a: FileVersion, b: FileVersion, path = "src/x.ts") {
  return compareRenders({ files: [{ path, base, a, b }] });
}

async function measured(base: FileVersion, a: FileVersion, b: FileVersion): Promise<Measured> {
  const result = await compare(base, a, b);
  if (result.kind !== "measured") throw new Error(result.reason);
  return result;
}

const sample = `
import { readFile } from "./files.ts";

export interface Order { readonly total: number; readonly state: "open" | "closed" }

export async function loadOrder(path: string): Promise<Order> {
  const text = await readFile(path);
  if (text === "") throw new Error("empty");
  return JSON.parse(text) as Order;
}

export function priceOf(order: Order, rate = 0.02): number {
  let sum = 0;
  for (let i = 0; i < 3; i++) sum += order.total * rate;
  return order.state === "open" && sum > 10 ? sum : -sum;
}
`;
/** The sample with a large addition that both renders share, so that V stays small. */
const shared = Array.from({ length: 60 }, (_, at) => `export const extra${at} = make(${at}, "n");`);
const large = `${sample}\n${shared.join("\n")}\n`;

test("equal renders have no variance, whatever they hold", async () => {
  for (const [path, text] of [
    ["x.ts", "let = = ;"],
    ["x.py", "a = 1"],
    ["a.md", "# a"],
  ] as const) {
    const result = await compare("old", text, text, path);
    expect(result).toMatchObject({
      kind: "measured",
      varianceRatio: 0,
      interval: [0, 0],
      verdict: "pass",
    });
  }
  expect(await compare("let a", undefined, undefined)).toMatchObject({ varianceRatio: 0 });
  expect(await compareRenders({ files: [] })).toMatchObject({ varianceRatio: 0, verdict: "pass" });
});

test("a reformatted render has no variance", async () => {
  const other = sample
    .replaceAll('"', "'")
    .replaceAll("\n", "\r\n")
    .replace("sum += order.total * rate;", "{ sum += ((order.total) * rate) /* c */ }");
  const result = await measured("", sample, other);
  expect(result).toMatchObject({ varianceRatio: 0, verdict: "pass", critical: [] });
  expect(result.files[0]!.outcome).toBe("same-form");
});

test("reordered functions have no variance; reordered statements have", async () => {
  const f = "export function f() { return a(1) }\n";
  const g = "function g() { return b(2) }\n";
  const result = await measured(undefined, f + g + "f();", g + "f();" + f);
  expect(result).toMatchObject({ varianceRatio: 0, verdict: "pass" });
  expect(result.files[0]!.outcome).toBe("same-but-order");
  expect((await measured(undefined, "a(); b();", "b(); a();")).verdict).toBe("escalate");
  const twice = "function f() { return 1 }\nfunction f() { return 2 }";
  const turned = "function f() { return 2 }\nfunction f() { return 1 }";
  expect((await measured(undefined, twice, turned)).varianceRatio).toBeGreaterThan(0);
  const classes = await measured(undefined, "class A {}\nclass B {}", "class B {}\nclass A {}");
  expect(classes.varianceRatio).toBeGreaterThan(0);
});

test("renders that share nothing have variance 1", async () => {
  const result = await measured("", "throw 1;", "class Beta {}");
  expect(result.varianceRatio).toBe(1);
  expect(result.verdict).toBe("escalate");
});

test("the ratio is undiluted by unchanged code and sums over files before dividing", async () => {
  const one = await measured("a(1);", "a(1); b(2);", "a(1); b(3);");
  const padded = await measured(`${large}a(1);`, `${large}a(1); b(2);`, `${large}a(1); b(3);`);
  expect(padded.varianceRatio).toBe(one.varianceRatio);
  const both = await compareRenders({
    files: [
      { path: "p.ts", base: "a(1);", a: "a(1); b(2);", b: "a(1); b(3);" },
      { path: "q.ts", base: undefined, a: "c();", b: "c();" },
    ],
  });
  if (both.kind !== "measured") throw new Error("unmeasured");
  const { ab, baseA, baseB } = both.facts;
  expect(both.varianceRatio).toBeCloseTo((2 * ab.hi) / (baseA!.lo + baseB!.lo + ab.hi), 12);
  expect(both.varianceRatio).toBeLessThan(one.varianceRatio);
  expect(both.files.map(({ path, outcome }) => [path, outcome])).toEqual([
    ["p.ts", "differs"],
    ["q.ts", "identical"],
  ]);
});

/** Changes of one place that a person would call another program. */
const critical: [string, string, string, string][] = [
  ["operator", "i < 3", "i <= 3", "operator"],
  ["comparison", "sum > 10", "sum < 10", "operator"],
  ["arithmetic", "total * rate", "total / rate", "operator"],
  ["assignment", "sum +=", "sum -=", "operator"],
  ["number", "0.02", "200", "literal"],
  ["string", '"empty"', '"other"', "literal"],
  ["type literal", '"open" | "closed"', '"open" | "gone"', "literal"],
  ["negation", 'text === ""', '!(text === "")', "negation"],
  ["minus", ": -sum", ": sum", "operator"],
  ["await", "await readFile", "readFile", "await"],
  ["throw", 'throw new Error("empty")', 'new Error("empty")', "throw"],
  ["return", "return JSON.parse", "JSON.parse", "return"],
  ["callee", "readFile(path)", "writeFile(path)", "callee"],
  ["member", "JSON.parse", "JSON.stringify", "member"],
  ["import source", '"./files.ts"', '"./other.ts"', "import"],
  ["assertion", " as Order", "", "type-assertion"],
  ["assertion to any", "as Order", "as any", "type-assertion"],
  ["any", "path: string", "path: any", "type-assertion"],
  ["async", "export async function", "export function", "function"],
  ["operands", "order.total * rate", "order.total * sum", "operand"],
  ["logic", '"open" && sum', '"open" || sum', "operator"],
  ["exported name", "function priceOf", "function costOf", "operand"],
  [
    "try",
    "return JSON.parse(text) as Order;",
    "try { return JSON.parse(text) as Order; } finally {}",
    "try-catch",
  ],
  ["decorator", "export interface", "@sealed class K {}\nexport interface", "decorator"],
  ["declaration kind", "let sum", "var sum", "structure"],
  ["argument", "readFile(path)", "readFile(path, path)", "operand"],
];

test.each(critical)(
  "a critical divergence escalates however small the ratio: %s",
  async (_, from, to, category) => {
    expect(large).toContain(from);
    const result = await measured(undefined, large, large.replace(from, to));
    expect(result.varianceRatio).toBeGreaterThan(0);
    expect(result.varianceRatio).toBeLessThan(0.03);
    expect(result.verdict).toBe("escalate");
    expect(result.critical.map((entry) => entry.category)).toContain(category);
  },
);

test("access modifiers are critical", async () => {
  const pair = ["private", "public"].map((word) => `class A { ${word} a = f(1) }\n${large}`);
  const result = await measured(undefined, pair[0], pair[1]);
  expect(result.critical).toMatchObject([{ category: "access-modifier", lineA: 1, lineB: 1 }]);
});

test("what the old differ called identical escalates", async () => {
  const program = (flag: string, role: string, rate: string, test: string) =>
    `export function allow(a: number, b: number) { const on = ${flag}; const role = "${role}"; const rate = ${rate}; return on && ${test} }`;
  const first = program("true", "admin", "0.02", "a <= b");
  for (const other of [
    program("false", "admin", "0.02", "a <= b"),
    program("true", "guest", "0.02", "a <= b"),
    program("true", "admin", "200", "a <= b"),
    program("true", "admin", "0.02", "b <= a"),
  ]) {
    const result = await measured(undefined, `${first}\n${large}`, `${other}\n${large}`);
    expect(result.varianceRatio).toBeGreaterThan(0);
    expect(result.critical.length).toBeGreaterThan(0);
    expect(result.verdict).toBe("escalate");
  }
});

test("a local variable under another name is no critical divergence", async () => {
  const result = await measured(undefined, large, large.replaceAll(/\bsum\b/g, "total_"));
  expect(result.critical).toEqual([]);
  expect(result.varianceRatio).toBeGreaterThan(0);
  expect(result).toMatchObject({ verdict: "pass" });
});

const notRenames: [string, string, string][] = [
  ["swapped", "(a: A, b: B) => { use(a); return b }", "(b: A, a: B) => { use(a); return b }"],
  ["only in part", "(a: A) => { use(a); return a }", "(b: A) => { use(b); return a }"],
  ["captured", "(a: A) => () => outer", "(outer: A) => () => outer"],
  ["undeclared", "() => one", "() => other"],
  [
    "outside its scope",
    "() => { { let a = 1; use(a) } return a }",
    "() => { { let b = 1; use(b) } return b }",
  ],
  ["seen by eval", "(a: A) => eval(a)", "(b: A) => eval(b)"],
  [
    "a property",
    "class A { constructor(private a: B) {} }",
    "class A { constructor(private b: B) {} }",
  ],
  ["a label of an object", "(a: A) => ({ a })", "(b: A) => ({ b })"],
];
test.each(notRenames)("a rename that may change meaning is critical: %s", async (_, one, other) => {
  const [a, b] = [one, other].map((text) => `export const made = ${text};\n${large}`);
  const result = await measured(undefined, a, b);
  expect(result.critical.length).toBeGreaterThan(0);
  expect(result.verdict).toBe("escalate");
});

test("a type that leaves no trace at run time counts in the ratio alone", async () => {
  const result = await measured(
    undefined,
    large,
    large.replace("rate = 0.02", "rate: number = 0.02"),
  );
  expect(result.critical).toEqual([]);
  expect(result.facts.ab).toEqual({ lo: 2, hi: 2 });
  expect(result.verdict).toBe("pass");
  const decorated = await measured(
    undefined,
    `@d class A { a: B }\n${large}`,
    `@d class A { a: C }\n${large}`,
  );
  expect(decorated.critical).toMatchObject([{ category: "decorator" }]);
});

test("a file that only one render has is critical", async () => {
  const files = [
    { path: "a.ts", base: undefined, a: large, b: large },
    { path: "b.ts", base: undefined, a: "", b: undefined },
  ];
  const result = await compareRenders({ files });
  expect(result).toMatchObject({
    kind: "measured",
    verdict: "escalate",
    critical: [{ category: "file", path: "b.ts" }],
  });
});

test("the threshold is the caller's", async () => {
  const files = [
    { path: "x.ts", base: undefined, a: large, b: large.replaceAll(/\bsum\b/g, "other") },
  ];
  expect(await compareRenders({ files, thresholdRatio: 0.03 })).toMatchObject({ verdict: "pass" });
  expect(await compareRenders({ files, thresholdRatio: 0 })).toMatchObject({ verdict: "escalate" });
  expect(await compareRenders({ files, thresholdRatio: Number.NaN })).toMatchObject({
    verdict: "escalate",
  });
});

const unmeasured: [string, string, FileVersion, FileVersion, string, Caps][] = [
  ["parse error in one render", "x.ts", "let a", "let = ", "parse-error", {}],
  ["recovered error", "x.ts", "f(1)", "f(1", "parse-error", {}],
  ["no grammar", "x.lua", "a = 1", "a = 2", "no-grammar", {}],
  ["differing documents", "x.md", "a", "b", "no-grammar", {}],
  ["a file without a grammar in one render", "x.toml", "{}", undefined, "no-grammar", {}],
  ["NUL", "x.ts", "f('\0')", "f(1)", "not-text", {}],
  ["lost bytes that look equal", "x.bin", "\uFFFD", "\uFFFD", "not-text", {}],
  ["file size", "x.ts", "f(1)", "f(22)", "too-large", { maxFileBytes: 4 }],
  ["patch size", "x.ts", "f(1)", "f(22)", "too-large", { maxPatchBytes: 4 }],
  ["node count", "x.ts", "f(1)", "f(22)", "too-large", { maxNodes: 4 }],
  ["depth", "x.ts", "f(1)", "f([[[[2]]]])", "too-deep", { maxDepth: 6 }],
  ["time", "x.ts", "f(1)", "f(2)", "timeout", { timeBudgetMs: 5, nowMs: counter() }],
];
function counter(): () => number {
  let now = 0;
  return () => (now += 10);
}
test.each(unmeasured)(
  "what cannot be measured gets no ratio and escalates (P3): %s",
  async (_, path, a, b, reason, caps) => {
    const result = await compareRenders({ files: [{ path, base: undefined, a, b }], caps });
    expect(result).toMatchObject({ kind: "unmeasured", verdict: "escalate", reason });
    expect(result).not.toHaveProperty("varianceRatio");
  },
);

test("a broken base gives no ratio, since there is nothing to measure from (P3)", async () => {
  expect(await compare("let = ", "f(1)", "f(2)")).toMatchObject({
    kind: "unmeasured",
    reason: "parse-error",
  });
});

test("the same input gives the same bytes, in whatever order the files come", async () => {
  const files = ["p.ts", "q.ts"].map((path) => ({
    path,
    base: sample,
    a: large,
    b: `${large}\nf(1)`,
  }));
  const first = JSON.stringify(await compareRenders({ files }));
  expect(JSON.stringify(await compareRenders({ files: files.toReversed() }))).toBe(first);
});

const name = fc.constantFrom("a", "b", "c");
const value = fc.oneof(name, fc.constantFrom("1", "2", '"s"', "true"));
const expression = fc.oneof(
  value,
  fc.tuple(value, fc.constantFrom("+", "<=", "&&", "||"), value).map((parts) => parts.join(" ")),
  fc.tuple(name, value, value).map(([callee, x, y]) => `${callee}(${x}, ${y})`),
);
const statement = fc.oneof(
  expression.map((text) => `f(${text});`),
  fc.tuple(expression, expression).map(([test_, then]) => `if (${test_}) { g(${then}); }`),
  fc
    .tuple(name, expression, expression)
    .map(([id, x, y]) => `function ${id}1(p) { let q = ${x}; return ${y} }`),
);
const program = fc.array(statement, { maxLength: 8 }).map((lines) => lines.join("\n"));

test("the variance is symmetric, within 0 and 1, and 0 only for equal programs", async () => {
  await fc.assert(
    fc.asyncProperty(program, program, program, async (base, a, b) => {
      const there = await measured(base, a, b);
      const back = await measured(base, b, a);
      expect(back.interval).toEqual(there.interval);
      expect(back.verdict).toBe(there.verdict);
      const [lo, hi] = there.interval;
      expect(0 <= lo && lo <= hi && hi <= 1).toBe(true);
      const outcome = there.files[0]!.outcome;
      expect(outcome === "identical").toBe(a === b);
      expect(outcome === "differs").toBe(lo > 0);
      expect((await measured(base, a, a)).interval).toEqual([0, 0]);
    }),
    { numRuns: 80 },
  );
});

test("a further divergence never lowers an exact variance", async () => {
  await fc.assert(
    fc.asyncProperty(program, program, program, async (base, a, b) => {
      const before = await measured(base, a, b);
      const after = await measured(base, a, `${b}\nonlyInB(99, "z");`);
      const isExact = [before, after].every(({ interval: [lo, hi] }) => lo === hi);
      fc.pre(isExact && before.files[0]!.outcome !== "same-but-order");
      const grown = after.facts.ab.hi - before.facts.ab.hi;
      expect(grown).toBeLessThanOrEqual(5);
      fc.pre(grown === 5);
      expect(after.varianceRatio).toBeGreaterThanOrEqual(before.varianceRatio);
    }),
    { numRuns: 100 },
  );
});
