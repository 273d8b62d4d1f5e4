import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as estree from "@typescript-eslint/typescript-estree";
import { expect, test } from "vitest";
import { startLimits } from "./caps.ts";
import { diffFiles } from "./diff-files.ts";
import type { ParserName } from "./diff-result.ts";
import { createKindTable } from "./kind-table.ts";
import { loadParsers } from "./parsers.ts";
import { createSyntaxReader } from "./read-syntax.ts";
import { isSameSubtree } from "./tree.ts";

const require = createRequire(import.meta.url);
const limits = startLimits({ maxFileBytes: 1e8, maxNodes: 1e8, timeBudgetMs: 1e8 });
const names: readonly ParserName[] = ["typescript-estree", "babel", "oxc"];

/** Real code of installed packages, some of it large. */
function realFiles(): string[] {
  const typescript = dirname(require.resolve("typescript"));
  const babel = dirname(require.resolve("@babel/parser"));
  const estree = dirname(require.resolve("@typescript-eslint/typescript-estree"));
  const within = (folder: string, pattern: RegExp) =>
    readdirSync(folder)
      .filter((name) => pattern.test(name))
      .map((name) => join(folder, name));
  return [
    ...["lib.dom.d.ts", "lib.es5.d.ts", "lib.es2015.iterable.d.ts"].map((name) =>
      join(typescript, name),
    ),
    join(babel, "index.js"),
    ...within(estree, /\.(?:js|d\.ts)$/),
    ...within(import.meta.dirname, /\.ts$/),
  ];
}

test("three parsers give one normal form of every real file", async () => {
  const parsers = await Promise.all(names.map((name) => loadParsers(name)));
  const files = realFiles();
  expect(files.length).toBeGreaterThan(60);
  for (const file of files) {
    const text = readFileSync(file, "utf8");
    const kinds = createKindTable();
    const [reference, ...others] = parsers.map((parse) => {
      const parsed = parse(file, text);
      if (parsed.kind === "failed") throw new Error(`${file}: ${parsed.reason}`);
      const tree = createSyntaxReader(kinds)(parsed.program, text, limits);
      if (typeof tree === "string") throw new Error(`${file}: ${tree}`);
      return tree;
    });
    for (const other of others)
      expect(isSameSubtree(reference!, 0, other, 0) ? "same" : file).toBe("same");
  }
}, 120_000);

const samples: readonly string[] = [
  "f(a?.b!.c, `x${y}`, /a/gi, 0x10n, [, 1], { __proto__: a, 'b': 1, get c() { return 1 } })",
  "@d class A<T> extends B<T> implements C { private readonly x?: T; static { y() } #z = 1 }",
  "abstract class A extends Z { abstract m(): void; constructor(private a: string, b?: number) { super() } }",
  "type A<T> = { readonly [K in keyof T]?: T[K] } & (B | C)[] extends infer U ? U : never",
  "import a, { type b, c as d } from 'x'; export * as e from 'y'; export type { f } from 'z';",
  "declare module 'm' { export = x } namespace N.M { enum E { A = 1 } } const enum F { B }",
  "function f(this: Window, ...a: [x: number, y?: string]): asserts a is B { label: for (;;) break label }",
  "const g = <T,>(x: T) => x as unknown as T satisfies T; let v = <any>w; export default g;",
  "import x = require('x'); abstract class Q { declare z: string; accessor w = 1; [k: string]: any }",
  "async function* h() { for await (const a of b) yield* a; using r = c(); try { } catch { } }",
];
test.each(samples)("three parsers agree on: %s", async (text) => {
  const outcomes = await Promise.all(
    names.map(async (parser) => {
      const changed = `${text}\n;added(1);`;
      const result = await diffFiles({ files: [{ path: "x.ts", a: text, b: changed }], parser });
      const { files, variance } = result;
      return { variance, operations: files[0]!.operations, reason: files[0]!.reason };
    }),
  );
  expect(outcomes[1]).toEqual(outcomes[0]);
  expect(outcomes[2]).toEqual(outcomes[0]);
  expect(outcomes[0]!.reason).toBeUndefined();
});

test("a source that is made for typescript-estree gives the tree of one that it makes itself", async () => {
  const parse = await loadParsers();
  const sources = [
    ...realFiles()
      .filter((file) => !file.includes("lib.dom"))
      .map((file) => [file, readFileSync(file, "utf8")] as const),
    ...samples.map((text) => ["x.ts", text] as const),
    ["x.tsx", "export const f = <T,>(a: T) => <A.b c={a} {...d}>e{/* f */}</A.b>;"] as const,
  ];
  const shown = (tree: unknown) =>
    JSON.stringify(tree, (key, value: unknown) =>
      key === "loc" ? undefined : typeof value === "bigint" ? `${value}n` : value,
    );
  for (const [path, text] of sources) {
    const filePath = path.endsWith(".d.ts") ? "x.d.ts" : `x.${path.split(".").at(-1)}`;
    const jsx = !filePath.endsWith(".ts");
    const options = { filePath, jsx, range: true, loc: true, jsDocParsingMode: "none" } as const;
    const own = parse(path, text);
    const theirs = estree.parse(text, { ...options, suppressDeprecatedPropertyWarnings: true });
    const isSame = own.kind === "parsed" && shown(own.program) === shown(theirs);
    expect(isSame ? "same" : path).toBe("same");
  }
}, 60_000);

test("a syntax error is one to each parser", async () => {
  for (const parser of names) {
    const result = await diffFiles({ files: [{ path: "x.ts", a: "f(1)", b: "f(1" }], parser });
    expect(result.files[0]).toMatchObject({ outcome: "unread", reason: "parse-error" });
  }
});
