import fc from "fast-check";
import { expect, test } from "vitest";
import { startLimits } from "./caps.ts";
import type { ParserName } from "./diff-result.ts";
import { createKindTable } from "./kind-table.ts";
import { loadParsers } from "./parsers.ts";
import type { Parse } from "./parsers.ts";
import { createSyntaxReader } from "./read-syntax.ts";
import type { Tree } from "./tree.ts";

const limits = startLimits();
const names: readonly ParserName[] = ["typescript-estree", "babel", "oxc"];
const parsers = await Promise.all(names.map((name) => loadParsers(name)));

/** Reads `b` beside `a` and by itself, and gives both trees; `undefined` where a text is no program. */
function readTwice(parse: Parse, path: string, a: string, b: string) {
  const [first, second] = [parse(path, a), parse(path, b)];
  if (first.kind === "failed" || second.kind === "failed") return undefined;
  const kinds = createKindTable();
  const read = createSyntaxReader(kinds);
  const like = read(first.program, a, limits);
  if (typeof like === "string") throw new Error(like);
  const beside = read(second.program, b, limits, like);
  const alone = createSyntaxReader(kinds)(second.program, b, limits);
  if (typeof beside === "string" || typeof alone === "string") throw new Error("not read");
  return { beside, alone };
}

function columnsOf({ length, kind, parent, size, start, end, lo, hi }: Tree) {
  return [kind, parent, size, start, end, lo, hi].map((column) => [...column.subarray(0, length)]);
}

/** How many parsers took both texts for programs. */
function expectSame(path: string, a: string, b: string): number {
  let count = 0;
  for (const parse of parsers) {
    const read = readTwice(parse, path, a, b);
    if (!read) continue;
    count++;
    expect(columnsOf(read.beside)).toEqual(columnsOf(read.alone));
  }
  return count;
}

const leaves = [
  "await (x, y, z, 1, 2, 3);",
  "var q = await (x) + yield_(1, 2, 3, 4);",
  "yield * g(1, 2, 3, 4, 5);",
  "const t = a <b> (c), u = `x${a + b + c}y`;",
  "if (a) for (const k of ks) f(k); else { g(1) } ;",
  "a = b\n/c/g.test(d, e, f);",
  "return_ => { f(return_, 1, 2); };",
  "'use strict'; f(a, b, c, d, e);",
  "let\nv = class { m() { f(1, 2, 3); } };",
  "x = a && (b && c) && { b, 'c': [, d] };",
];
const wrappers = [
  (body: string) => `function f() { ${body} }`,
  (body: string) => `async function f() { ${body} }`,
  (body: string) => `function* f() { ${body} }`,
  (body: string) => `f(1, async () => { ${body} });`,
  (body: string) => `f(1, () => { ${body} });`,
  (body: string) => `class A { async m() { ${body} } }`,
  (body: string) => `class A { static { ${body} } }`,
  (body: string) => `{ ${body} }`,
  (body: string) => `switch (a) { case 1: ${body} }`,
  (body: string) => `if (a) { ${body} }`,
];

const { body } = fc.letrec<{ body: string }>((tie) => ({
  body: fc
    .array(
      fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        fc.constantFrom(...leaves),
        fc.tuple(fc.constantFrom(...wrappers), tie("body")).map(([wrap, inner]) => wrap(inner)),
      ),
      { maxLength: 4 },
    )
    .map((parts) => parts.join("\n")),
}));

test("a text read beside a like one gives the tree it gives alone", () => {
  let compared = 0;
  const goal = fc.constantFrom("", "export {};", "'use strict';", "(function () {})();");
  fc.assert(
    fc.property(body, body, body, goal, goal, (one, two, three, before, after) => {
      const a = `${before}\n${one}\n${two}\n${three}`;
      compared += expectSame("a.js", a, `${after}\n${one}\n${three}\n${two}`);
      compared += expectSame("a.ts", a, `${one}\n${two}\n${after}`);
    }),
    { numRuns: 100 },
  );
  expect(compared).toBeGreaterThan(100);
}, 60_000);

test.each([
  ["a function becomes async", "function f() {", "async function f() {", "await (x, y, z, 1, 2);"],
  ["a function becomes a generator", "function f() {", "function* f() {", "yield * g(1, 2, 3, 4);"],
  ["a script becomes a module", "{", "export {}; {", "var q = await (x, y, z, 1, 2, 3);"],
  [
    "a string becomes a directive",
    "function f() { 0;",
    "function f() {",
    "'use strict'; f(a, b, c, d);",
  ],
])("what surrounds equal text counts: %s", (_, before, after, inner) => {
  const [a, b] = [`${before} ${inner} }`, `${after} ${inner} }`];
  expect(expectSame("a.js", a, b) + expectSame("a.ts", a, b)).toBeGreaterThan(0);
});

test("texts that differ in one character of equal length are read as they are", () => {
  const a = `${"function f(a) { return g(a, 1, 2, 3) }\n".repeat(40)}x(1)`;
  for (let at = a.indexOf("1"); at >= 0; at = a.indexOf("1", at + 400)) {
    const b = `${a.slice(0, at)}7${a.slice(at + 1)}`;
    expect(expectSame("a.ts", a, b)).toBe(3);
  }
});

test("nests of unequal texts end the comparing and not the reading", () => {
  const nest = (inner: string) => `${"if (a) { b(1, 2, 3);".repeat(300)}${inner}${"}".repeat(300)}`;
  expect(expectSame("a.ts", nest("c(1)"), nest("c(2)"))).toBe(3);
});
