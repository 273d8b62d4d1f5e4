import { expect, test } from "vitest";
import { normalForm } from "./normal-form.ts";
import { createInterner } from "./tree.ts";

async function isSame(path: string, one: string, other: string): Promise<boolean> {
  const forms = await Promise.all([normalForm(path, one), normalForm(path, other)]);
  const [x, y] = forms.map((form) => {
    if (form.kind === "failed") throw new Error(`${form.reason}: ${one} / ${other}`);
    return form.tree;
  });
  const interner = createInterner();
  return interner.idsOf(x!)[0] === interner.idsOf(y!)[0];
}

const sameForms: [string, string, string][] = [
  ["quotes", `f("it's")`, `f('it\\'s')`],
  ["string escapes", `f("\\u0041")`, `f('A')`],
  ["number spelling", "f(0x10, 1_000, 1e3, .5)", "f(16, 1000, 1000, 0.5)"],
  ["big integers", "f(0x10n)", "f(16n)"],
  ["directive quotes", `"use strict"; a`, `'use strict'; a`],
  ["regex flags", "f(/a/gi)", "f(/a/ig)"],
  ["template text", "f(`a\\x41${b}`)", "f(`aA${b}`)"],
  ["quoted keys", `f({ "a": 1, 2: b })`, `f({ a: 1, "2": b })`],
  ["quoted class keys", `class A { "x" = 1; "y"() {} }`, "class A { x = 1; y() {} }"],
  ["shorthand", "f({ a, b: 1 })", "f({ a: a, b: 1 })"],
  ["shorthand in a pattern", "const { a = 1 } = b", "const { a: a = 1 } = b"],
  ["import names", `import { a } from "x"`, `import { a as a } from 'x'`],
  ["empty statements", ";;f();;", "f()"],
  ["braces", "if (a) b(); else c()", "if (a) { b(); } else { c(); }"],
  ["else if", "if (a) b(); else if (c) d()", "if (a) { b() } else { if (c) { d() } }"],
  ["empty bodies", "while (a());", "while (a()) {}"],
  ["logical chains", "f(a && (b && c), a || b || c)", "f((a && b) && c, a || (b || c))"],
  ["parentheses", "f((a), ((b + c)) * 2)", "f(a, (b + c) * 2)"],
  ["comments", "/* a */ f(/* b */ 1) // c", "f(1)"],
  ["a hash-bang line", "#!/usr/bin/env node\nf()", "f()"],
  ["new without arguments", "new A", "new A()"],
  ["arrow parentheses", "f(a => a)", "f((a) => a)"],
  ["line ends", "f(`a\nb`)\n\n// c\ng()", "f(`a\r\nb`)\r\n\r\n// c\r\ng()"],
  ["line ends in tagged templates", "f`a\nb`", "f`a\r\nb`"],
  ["semicolons", "a()\nb()", "a();b();"],
  ["identifier escapes", "\\u0061()", "a()"],
  ["a leading bar", "type A = | B", "type A = B"],
  ["leading bars", "type A =\n  | B\n  | C", "type A = B | C"],
  ["separators in types", "type A = { a: 1, b(): 2 }", "type A = { a: 1; b(): 2; }"],
  ["parentheses in types", "type A = (B)[]", "type A = B[]"],
  ["trailing commas", "f({ a: 1, }, [b, ],)", "f({ a: 1 }, [b])"],
];

test.each(sameForms)(
  "the same program in another format has one normal form: %s",
  async (_, one, other) => {
    expect(await isSame("x.ts", one, other)).toBe(true);
  },
);

const jsxForms: [string, string, string][] = [
  ["indented text", "<a>\n  hello\n  world\n</a>", "<a>hello world</a>"],
  ["comments", "<a>{/* b */}<c/></a>", "<a><c></c></a>"],
  ["attribute quotes", `<a b="c"/>`, "<a b='c'/>"],
];
test.each(jsxForms)("the same JSX has one normal form: %s", async (_, one, other) => {
  expect(await isSame("x.tsx", one, other)).toBe(true);
});

const otherForms: [string, string, string][] = [
  ["proto shorthand", "f({ __proto__ })", "f({ __proto__: __proto__ })"],
  ["slots of a for loop", "for (;a;) {}", "for (;;a) {}"],
  ["init of a for loop", "for (a;;) {}", "for (;a;) {}"],
  ["array holes", "f([, a])", "f([a])"],
  ["array holes, order", "f([, a])", "f([a, ,])"],
  ["mixed logical chains", "f(a && (b || c))", "f((a && b) || c)"],
  ["nullish chains", "f(a ?? (b || c))", "f((a ?? b) || c)"],
  ["operands", "f(a <= b)", "f(b <= a)"],
  ["types of literals", "f(1)", `f("1")`],
  ["null and a string", "f(null)", `f("null")`],
  ["regex and a string", "f(/a/)", `f("/a/")`],
  ["bigint and number", "f(1n)", "f(1)"],
  ["template and string", "f(`a`)", `f("a")`],
  ["raw text of a tagged template", "f`\\x41`", "f`A`"],
  ["an escaped directive", `"use\\x20strict"; a`, `"use strict"; a`],
  ["a parenthesised directive", `("use strict"); a`, `"use strict"; a`],
  ["computed keys", "f({ [a]: 1 })", "f({ a: 1 })"],
  ["computed members", "a[b]", "a.b"],
  ["optional chaining", "a?.b.c", "a?.b?.c"],
  ["where a chain ends", "(a?.b).c", "a?.b.c"],
  [
    "await in a loop",
    "async () => { for await (const a of b); }",
    "async () => { for (const a of b); }",
  ],
  ["async", "async () => a", "() => a"],
  ["generator", "function* f() {}", "function f() {}"],
  ["yield star", "function* f() { yield* a }", "function* f() { yield a }"],
  ["prefix and postfix", "++a", "a++"],
  ["spread", "f(...a)", "f(a)"],
  ["methods and functions", "f({ a() {} })", "f({ a: function () {} })"],
  ["getters", "f({ get a() { return 1 } })", "f({ a() { return 1 } })"],
  ["declaration kinds", "let a = 1", "const a = 1"],
  ["using", "using a = b", "const a = b"],
  ["static", "class A { static a = 1 }", "class A { a = 1 }"],
  ["private names", "class A { #a = 1 }", "class A { a = 1 }"],
  ["access", "class A { private a = 1 }", "class A { public a = 1 }"],
  ["readonly", "class A { readonly a = 1 }", "class A { a = 1 }"],
  [
    "parameter properties",
    "class A { constructor(private a: B) {} }",
    "class A { constructor(a: B) {} }",
  ],
  ["super class", "class A extends B {}", "class A {}"],
  ["implements and extends", "class A extends B {}", "class A implements B {}"],
  ["decorator", "@a class A {}", "class A {}"],
  ["import type", `import type { a } from "x"`, `import { a } from "x"`],
  ["import with empty braces", `import {} from "x"`, `import "x"`],
  ["import attributes", `import a from "x" with { type: "json" }`, `import a from "x"`],
  ["export names", `export { a as b }`, `export { a }`],
  ["export star", `export * as a from "x"`, `export * from "x"`],
  ["as and satisfies", "f(a as B)", "f(a satisfies B)"],
  ["non-null", "f(a!)", "f(a)"],
  ["optional parameter", "function f(a?: B) {}", "function f(a: B) {}"],
  ["type parameter and parameter", "type A = <B>(c: B) => D", "type A = (c: B) => D"],
  [
    "mapped type modifiers",
    "type A = { +readonly [B in C]?: D }",
    "type A = { readonly [B in C]-?: D }",
  ],
  ["enum constness", "const enum A { B }", "enum A { B }"],
  ["declare", "declare const a: B", "const a: B"],
  ["keyof", "type A = keyof B", "type A = readonly B[]"],
  ["asserts", "function f(a): asserts a is B {}", "function f(a): a is B {}"],
  ["abstract", "abstract class A {}", "class A {}"],
  ["try parts", "try { a } catch { b }", "try { a } finally { b }"],
  ["case and default", "switch (a) { case b: c }", "switch (a) { default: b; c }"],
  ["labels", "a: for (;;) break a", "a: for (;;) break"],
  ["namespace and module", "namespace A {}", `declare module "A" {}`],
  ["new and call", "new A()", "A()"],
  ["type arguments", "f<A>(b)", "f(b)"],
  ["sequence", "f((a, b))", "f(a, b)"],
  ["delete", "delete a.b", "void a.b"],
  ["lone surrogates", `f("\\ud800")`, `f("\\ud801")`],
  ["import phase", `import defer * as a from "x"`, `import * as a from "x"`],
];

test.each(otherForms)("different programs never share a normal form: %s", async (_, one, other) => {
  expect(await isSame("x.ts", one, other)).toBe(false);
});

test("different JSX never shares a normal form", async () => {
  expect(await isSame("x.tsx", "<a>b c</a>", "<a>bc</a>")).toBe(false);
  expect(await isSame("x.tsx", "<a> b</a>", "<a>b</a>")).toBe(false);
  expect(await isSame("x.tsx", "<a b/>", "<a b={false}/>")).toBe(false);
  expect(await isSame("x.tsx", "<></>", "<a></a>")).toBe(false);
});

const failures: [string, string, string, string][] = [
  ["a syntax error", "x.ts", "let a = ;", "parse-error"],
  ["an unclosed brace", "x.ts", "function f() {", "parse-error"],
  ["types in JavaScript", "x.js", "let a: number = 1", "parse-error"],
  ["a binding declared twice", "x.mjs", "let a; let a", "parse-error"],
  ["conflict marks", "x.ts", "<<<<<<< a\nb\n=======\nc\n>>>>>>> d", "parse-error"],
  ["no grammar", "x.lua", "a = 1", "no-grammar"],
  ["a NUL character", "x.ts", "f('\0')", "not-text"],
  ["lost bytes", "x.ts", "f('\uFFFD')", "not-text"],
];
test.each(failures)(
  "a file that is not wholly understood has no normal form (P3): %s",
  async (_, path, text, reason) => {
    expect(await normalForm(path, text)).toEqual({ kind: "failed", reason });
  },
);

test("every kind of path with a grammar is read", async () => {
  for (const extension of ["ts", "mts", "cts", "js", "mjs", "cjs"])
    expect((await normalForm(`dir/x.${extension}`, "f(1)")).kind).toBe("parsed");
  for (const extension of ["tsx", "jsx", "js"])
    expect((await normalForm(`x.${extension}`, "f(<a/>)")).kind).toBe("parsed");
  expect(
    (await normalForm("x.d.ts", "export const a: string; export function f(): void;")).kind,
  ).toBe("parsed");
  expect((await normalForm("x.cjs", "return require('a')")).kind).toBe("parsed");
});
