import { expect, test } from "vitest";
import type { ChangeReport } from "./change-report.ts";
import type { FileVersion } from "./comparison.ts";
import { reportChange } from "./report-change.ts";

async function report(
  base: FileVersion,
  candidate: FileVersion,
  path = "src/x.ts",
): Promise<ChangeReport> {
  return reportChange({ files: [{ path, base, candidate }] });
}

const base = `
import { get } from "./net.ts";
const rate = 0.02;
function hidden(a: number) { return a + 1; }
export function price(a: number): number { return hidden(a) * rate; }
export class Shop {
  private stock = 1;
  sell(count: number): void { if (count > this.stock) throw new Error("none"); this.stock -= count; }
  protected close() {}
}
export interface Item { id: string }
export type Id = string;
export const limit = 3, other = () => 1;
`;

const changes: [string, string, string, object[], string][] = [
  [
    "a body",
    "a + 1",
    "a + 2",
    [{ name: "hidden", kind: "function", change: "changed", exported: false }],
    "none",
  ],
  [
    "an exported body",
    "* rate",
    "/ rate",
    [{ name: "price", kind: "function", change: "changed", exported: true }],
    "none",
  ],
  [
    "a signature",
    "price(a: number)",
    "price(a: string)",
    [{ name: "price", change: "signature-changed", exported: true }],
    "breaking",
  ],
  [
    "an inner signature",
    "hidden(a: number)",
    "hidden(a: string)",
    [{ name: "hidden", change: "signature-changed", exported: false }],
    "none",
  ],
  [
    "an export taken back",
    "export function price",
    "function price",
    [{ name: "price", change: "visibility-changed", exported: true }],
    "breaking",
  ],
  [
    "a member made private",
    "  sell(",
    "  private sell(",
    [
      { name: "Shop", change: "changed" },
      { name: "Shop.sell", kind: "method", change: "visibility-changed" },
    ],
    "breaking",
  ],
  [
    "a method body",
    "-= count",
    "+= count",
    [
      { name: "Shop", change: "changed" },
      { name: "Shop.sell", change: "changed" },
    ],
    "none",
  ],
  [
    "a private field",
    "stock = 1",
    "stock = 2",
    [
      { name: "Shop", change: "changed" },
      { name: "Shop.stock", kind: "property", change: "changed", exported: false },
    ],
    "none",
  ],
  [
    "an interface",
    "id: string",
    "id: number",
    [{ name: "Item", kind: "interface", change: "signature-changed" }],
    "breaking",
  ],
  [
    "a type",
    "type Id = string",
    "type Id = number",
    [{ name: "Id", kind: "type", change: "signature-changed" }],
    "breaking",
  ],
  [
    "a value",
    "limit = 3",
    "limit = 4",
    [{ name: "limit", kind: "variable", change: "changed" }],
    "none",
  ],
  [
    "an arrow function",
    "() => 1",
    "() => 2",
    [{ name: "other", kind: "function", change: "changed" }],
    "none",
  ],
  [
    "a new export",
    "const rate",
    "export const extra = 1;\nconst rate",
    [{ name: "extra", change: "added", exported: true }],
    "compatible",
  ],
  [
    "a removed export",
    "export type Id = string;",
    "",
    [{ name: "Id", change: "removed", exported: true }],
    "breaking",
  ],
  [
    "code of the module",
    "const rate = 0.02;",
    "const rate = 0.02;\nstart();",
    [{ name: "(module)", kind: "module-code", change: "added" }],
    "none",
  ],
  [
    "an export list",
    "const rate",
    "export { hidden as shown };\nconst rate",
    [
      { name: "export shown", change: "added" },
      { name: "hidden", change: "visibility-changed" },
    ],
    "compatible",
  ],
];

test.each(changes)("the report names what changed: %s", async (_, from, to, symbols, publicApi) => {
  expect(base).toContain(from);
  const result = await report(base, base.replace(from, to));
  expect(result.symbols).toMatchObject(symbols);
  expect(result.symbols).toHaveLength(symbols.length);
  expect(result.publicApi).toBe(publicApi);
  expect(result.tier).toBe("service");
  expect(result.files).toEqual([
    { path: "src/x.ts", change: "changed", language: "typescript", parsed: true },
  ]);
  expect(result.unknown).toEqual([]);
});

test("touched calls, imports, throws, conditions and literals are counted", async () => {
  const candidate = base
    .replace('"./net.ts"', '"./web.ts"')
    .replace("count > this.stock", "count >= this.stock")
    .replace('"none"', '"gone"')
    .replace("hidden(a) *", "log.info(a) *");
  const { touches } = await report(base, candidate);
  expect(touches).toEqual({
    calls: ["hidden", "log.info"],
    imports: ["./net.ts", "./web.ts"],
    throws: 1,
    conditions: 1,
    literals: 2,
  });
});

test("CommonJS exports are public", async () => {
  const result = await report("exports.a = 1; module.exports.b = 2;", "exports.a = 1;", "x.js");
  expect(result.symbols).toMatchObject([
    { name: "module.exports.b", change: "removed", exported: true },
  ]);
  expect(result.publicApi).toBe("breaking");
  for (const line of ["module.exports = { f, g: 1 };", "export default f;", "export { f as h };"]) {
    const code = (params: string) => `function f(${params}) {}\n${line}`;
    const changed = await report(code("a"), code("a, b"), "x.js");
    expect(changed.symbols).toMatchObject([
      { name: "f", change: "signature-changed", exported: true },
    ]);
    expect(changed.publicApi).toBe("breaking");
  }
});

test("the semantic digest stays under another format and changes with one operator (P6)", async () => {
  const candidate = base.replace("a + 1", "a + 2");
  const plain = await report(base, candidate);
  const reformatted = await report(
    `// moved\n${base.replaceAll("\n", "\r\n")}`,
    `/* c */\n${candidate.replaceAll('"', "'").replace("rate;", "(rate);")}`,
  );
  expect(plain.semanticDigest).toMatch(/^[0-9a-f]{64}$/);
  expect(reformatted.semanticDigest).toBe(plain.semanticDigest);
  expect((await report(base, base.replace("a + 1", "a - 2"))).semanticDigest).not.toBe(
    plain.semanticDigest,
  );
  expect((await report(base, candidate, "src/y.ts")).semanticDigest).not.toBe(plain.semanticDigest);
  const withComment = await reportChange({
    files: [
      { path: "a.ts", base: "f(1)", candidate: "// why\nf(1)" },
      { path: "src/x.ts", base, candidate },
    ],
  });
  expect(withComment.semanticDigest).toBe(plain.semanticDigest);
});

test("the alpha digest stays under other local names, and in another order, and for nothing else", async () => {
  const code = (first: string, second: string, op = "+") =>
    `export function f(${first}) { return ${first} ${op} 1; }\nfunction ${second}() { return 2; }\nexport const c = [${second}];\n`;
  const digests = async (candidate: string) => {
    const { semanticDigest, alphaDigest } = await report("export const b = 1;", candidate);
    return { semanticDigest, alphaDigest };
  };
  const plain = await digests(code("a", "g"));
  const renamed = await digests(code("value", "make"));
  expect(plain.alphaDigest).toMatch(/^[0-9a-f]{64}$/);
  expect(renamed.semanticDigest).not.toBe(plain.semanticDigest);
  expect(renamed.alphaDigest).toBe(plain.alphaDigest);
  const lines = code("x", "y").split("\n");
  const ordered = await digests([lines[1], lines[0], lines[2]].join("\n"));
  expect(ordered.alphaDigest).toBe(plain.alphaDigest);
  for (const other of [code("a", "g", "-"), code("a", "g").replace("f(", "h(")])
    expect((await digests(other)).alphaDigest).not.toBe(plain.alphaDigest);
});

test("the semantic digest tells text apart that has no grammar, and characters UTF-8 cannot hold (P6)", async () => {
  const digests = await Promise.all(
    [
      report("a", "b", "a.lua"),
      report("a", "c", "a.lua"),
      report(undefined, "b", "a.lua"),
      report("a", undefined, "a.lua"),
      report("f(1)", `f("\\ud800")`),
      report("f(1)", `f("\\ud801")`),
    ].map(async (result) => (await result).semanticDigest),
  );
  expect(new Set(digests).size).toBe(digests.length);
});

test("the riskiest file gives the tier", async () => {
  const files = [
    { path: "a.md", base: "a", candidate: "b" },
    { path: "a.sql", base: undefined, candidate: "truncate a" },
    { path: "a.ts", base: "f(1)", candidate: "f(2)" },
  ];
  expect((await reportChange({ files })).tier).toBe("data");
});

test("what cannot be read is listed and counts as destructive and breaking (P3)", async () => {
  const files = [
    { path: "a.ts", base: "f(1)", candidate: "f(" },
    { path: "b.png", base: undefined, candidate: "\uFFFD\0" },
    { path: "c.lua", base: "a", candidate: "b" },
    { path: "d.ts", base: "f(1)", candidate: "f(2)" },
  ];
  const result = await reportChange({ files });
  expect(result.unknown).toEqual([
    { path: "a.ts", reason: "parse-error" },
    { path: "b.png", reason: "not-text" },
    { path: "c.lua", reason: "no-grammar" },
  ]);
  expect(result.tier).toBe("destructive");
  expect(result.publicApi).toBe("breaking");
  const capped = await reportChange({ files, caps: { maxPatchBytes: 3 } });
  expect(capped.unknown.find(({ path }) => path === "d.ts")?.reason).toBe("too-large");
  let now = 0;
  const late = await reportChange({ files, caps: { timeBudgetMs: 5, nowMs: () => (now += 10) } });
  expect(late.unknown.find(({ path }) => path === "d.ts")?.reason).toBe("timeout");
});

test("an unchanged or reformatted file is no change", async () => {
  const result = await reportChange({
    files: [
      { path: "a.ts", base: "f(1)", candidate: "f(1)" },
      { path: "b.ts", base: "f(1)", candidate: "f( 1 );" },
    ],
  });
  expect(result.files.map(({ change }) => change)).toEqual(["unchanged", "reformatted"]);
  expect(result).toMatchObject({ symbols: [], publicApi: "none", tier: "docs", riskTags: [] });
});

test("the same change gives the same report, in whatever order the files come (P5)", async () => {
  const files = ["b.ts", "a.ts"].map((path) => ({ path, base, candidate: `${base}\nf(1)` }));
  const first = JSON.stringify(await reportChange({ files }));
  expect(JSON.stringify(await reportChange({ files: files.toReversed() }))).toBe(first);
});
