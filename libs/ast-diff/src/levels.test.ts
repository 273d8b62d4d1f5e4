import fc from "fast-check";
import { expect, test } from "vitest";
import { compareRenders } from "./compare-renders.ts";
import { diffFiles } from "./diff-files.ts";

async function levels(a: string, b: string, path = "x.js") {
  const result = await compareRenders({ files: [{ path, base: undefined, a, b }] });
  if (result.kind !== "measured") throw new Error(`${result.reason}\n${a}\n${b}`);
  const { ab, atN2, atN3 } = result.facts;
  return { n1: ab, n2: atN2.ab, n3: atN3.ab, outcome: result.files[0]!.outcome, result };
}

/** A scope of a made-up program: what it declares by number, what it uses, and what is inside. */
interface Block {
  readonly parent: number;
  readonly form: string;
  readonly declared: number[];
  readonly used: number[];
}

interface Model {
  readonly blocks: Block[];
  readonly scopeOf: number[];
}

const forms = ["function", "arrow", "block", "loop", "catch", "label", "named"];
const tape = fc.array(fc.tuple(fc.nat(50), fc.nat(50), fc.nat(50)), {
  minLength: 2,
  maxLength: 12,
});

/** The program a series of numbers stands for; uses are of bindings that can be seen, or of `free`. */
function modelOf(numbers: readonly (readonly [number, number, number])[]): Model {
  const blocks: Block[] = [];
  const scopeOf: number[] = [];
  for (const [at, [place, form]] of numbers.entries()) {
    const declared = [scopeOf.push(at) - 1];
    if (form % 2 === 0) declared.push(scopeOf.push(at) - 1);
    const parent = at === 0 ? -1 : place % at;
    blocks.push({ parent, form: forms[form % forms.length]!, declared, used: [] });
  }
  for (const [at, [, , pick]] of numbers.entries())
    for (const use of [pick, pick * 7 + 3, pick * 3 + 1]) {
      const seen = [-1];
      for (let block = at; block >= 0; block = blocks[block]!.parent)
        seen.push(...blocks[block]!.declared);
      blocks[at]!.used.push(seen[use % seen.length]!);
    }
  return { blocks, scopeOf };
}

/** The text of a program under given names; `other` is what the first use of the program says instead. */
function write({ blocks }: Model, names: readonly string[], other?: string): string {
  let isFirst = other !== undefined;
  const nameOf = (binding: number) => {
    if (binding < 0) return "free";
    const name = isFirst ? other! : names[binding]!;
    isFirst = false;
    return name;
  };
  const writeBlock = (at: number): string => {
    const { form, declared, used } = blocks[at]!;
    const [first = "", second] = declared.map((binding) => names[binding]!);
    const uses = used.map((binding) => `use(${nameOf(binding)});`).join(" ");
    const inside = blocks.flatMap(({ parent }, inner) => (parent === at ? [inner] : []));
    const rest = `${second === undefined ? "" : `let ${second} = 1;`} ${uses}\n${inside.map(writeBlock).join("\n")}`;
    switch (form) {
      case "function":
        return `use(function (${first}) { ${rest} });`;
      case "named":
        return `use(function ${first}() { { ${rest} } });`;
      case "arrow":
        return `use((${first} = 2) => { ${rest} });`;
      case "block":
        return `{ const ${first} = 3; ${rest} }`;
      case "loop":
        return `for (const ${first} of list) { ${rest} }`;
      case "catch":
        return `try { go(); } catch (${first}) { ${rest} }`;
      default:
        return `${first}_${at}: for (;;) { let ${first} = 4; ${rest} break ${first}_${at}; }`;
    }
  };
  return `function top() { ${writeBlock(0)} }`;
}

/** Whether each use still means the binding it meant, by the rules of scope alone. */
function isFaithful({ blocks, scopeOf }: Model, names: readonly string[]): boolean {
  return blocks.every(({ used }, at) =>
    used.every((binding) => {
      const name = binding < 0 ? "free" : names[binding]!;
      for (let block = at; block >= 0; block = blocks[block]!.parent) {
        const found = blocks[block]!.declared.find((one) => names[one] === name);
        if (found !== undefined) return found === binding;
      }
      return binding < 0 && scopeOf.length > 0;
    }),
  );
}

const shortTape = tape.map((numbers) => numbers.slice(0, 5));
const fresh = ({ scopeOf }: Model) => scopeOf.map((_, binding) => `v${binding}`);

test("a local binding that is called something else is one rename and costs nothing at N2", async () => {
  await fc.assert(
    fc.asyncProperty(tape, fc.nat(50), async (numbers, pick) => {
      const model = modelOf(numbers);
      const names = fresh(model);
      const picked = pick % names.length;
      const a = write(model, names);
      const renamed = names.with(picked, "renamed");
      const b = write(model, renamed);
      const { n1, n2, n3, outcome } = await levels(a, b);
      expect([n1.lo > 0, n2, n3]).toEqual([true, { lo: 0, hi: 0 }, { lo: 0, hi: 0 }]);
      expect(outcome).toBe("same-but-names");
      const { renames, files, atN2 } = await diffFiles({ files: [{ path: "x.js", a, b }] });
      const isLabel = model.blocks.some(
        ({ form, declared }) => form === "label" && declared[0] === picked,
      );
      // Its label is another binding.
      expect(renames.length).toBe(isLabel ? 2 : 1);
      expect(
        renames.every(
          ({ from, to }) => from.split("_")[0] === `v${picked}` && to.startsWith("renamed"),
        ),
      ).toBe(true);
      const uses = model.blocks.flatMap(({ used }) => used.filter((one) => one === picked)).length;
      const places = renames.reduce((sum, rename) => sum + rename.a.length, 0);
      expect(places).toBe(uses + (isLabel ? 3 : 1));
      expect(files[0]!.outcome).toBe("same-but-names");
      expect(atN2!.distance.hi).toBe(0);
    }),
    { numRuns: 60 },
  );
}, 30_000);

test("one use alone under another name never costs nothing at N2", async () => {
  await fc.assert(
    fc.asyncProperty(
      tape,
      fc.constantFrom("free", "v0", "v1", "v2", "other"),
      async (numbers, other) => {
        const model = modelOf(numbers);
        const names = fresh(model);
        const [a, b] = [write(model, names), write(model, names, other)];
        fc.pre(a !== b);
        const { n1, n2, n3 } = await levels(a, b);
        expect(0 < n3.lo && n3.hi <= n2.hi && n2.hi <= n1.hi).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
}, 30_000);

test("names that capture nothing cost nothing at N2, names that capture always do", async () => {
  const seen = { faithful: 0, capturing: 0 };
  const pool = fc.array(fc.constantFrom("a", "b", "c", "d", "e", "free"), {
    minLength: 30,
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(shortTape, pool, async (numbers, picks) => {
      const model = modelOf(numbers);
      const names = picks.slice(0, model.scopeOf.length);
      // Twice in one scope is no program.
      fc.pre(model.blocks.every(({ declared }) => names[declared[0]!] !== names[declared[1]!]));
      const { n2 } = await levels(write(model, fresh(model)), write(model, names));
      const isSame = isFaithful(model, names);
      seen[isSame ? "faithful" : "capturing"]++;
      expect(n2.hi === 0).toBe(isSame);
      expect(n2.lo > 0).toBe(!isSame);
    }),
    { numRuns: 150 },
  );
  expect(Math.min(seen.faithful, seen.capturing)).toBeGreaterThan(5);
}, 30_000);

/** Nested classes with one private name each; every use is of one that can be seen. */
function writeClasses(
  parents: readonly number[],
  uses: readonly number[],
  names: readonly string[],
) {
  const writeClass = (at: number): string => {
    const seen: number[] = [];
    for (let one = at; one >= 0; one = parents[one]!) seen.push(one);
    const used = [0, 1, 2].map((turn) => seen[(uses[at]! + turn) % seen.length]!);
    const inside = parents.flatMap((parent, inner) => (parent === at ? [writeClass(inner)] : []));
    const list = [...used.map((one) => `o.#${names[one]}`), ...inside].join(", ");
    return `class { m(o) { return [${list}]; } #${names[at]} = ${at}; }`;
  };
  return `export const top = ${writeClass(0)};`;
}

test("private names that capture nothing cost nothing at N2, names that capture always do", async () => {
  const seen = { faithful: 0, capturing: 0 };
  const classes = fc.array(fc.tuple(fc.nat(20), fc.nat(20), fc.constantFrom("a", "b", "c", "d")), {
    minLength: 2,
    maxLength: 6,
  });
  await fc.assert(
    fc.asyncProperty(classes, async (drawn) => {
      const parents = drawn.map(([parent], at) => (at === 0 ? -1 : parent % at));
      const uses = drawn.map(([, use]) => use);
      const names = drawn.map(([, , name]) => name);
      const fresh = drawn.map((_, at) => `v${at}`);
      const isFaithful = uses.every((use, at) => {
        const around: number[] = [];
        for (let one = at; one >= 0; one = parents[one]!) around.push(one);
        return [0, 1, 2].every((turn) => {
          const used = around[(use + turn) % around.length]!;
          return around.find((one) => names[one] === names[used]) === used;
        });
      });
      const { n1, n2 } = await levels(
        writeClasses(parents, uses, fresh),
        writeClasses(parents, uses, names),
      );
      seen[isFaithful ? "faithful" : "capturing"]++;
      expect([n1.lo > 0, n2.hi === 0, n2.lo > 0]).toEqual([true, isFaithful, !isFaithful]);
    }),
    { numRuns: 80 },
  );
  expect(Math.min(seen.faithful, seen.capturing)).toBeGreaterThan(5);
}, 30_000);

const renamings: [string, string, string, string?][] = [
  ["a statement label", "l: for (;;) { break l; }", "m: for (;;) { break m; }"],
  ["names in turn", "f((a, b) => g(a, b))", "f((b, a) => g(b, a))"],
  ["a list of parameters by one", "f((a, b, c, d) => a)", "f((b, c, d, e) => b)"],
  ["an import", 'import { a as b } from "m"; b();', 'import { a as c } from "m"; c();'],
  [
    "what is exported under its old name",
    "let a = 1; export { a };",
    "let b = 1; export { b as a };",
  ],
  ["a type parameter", "export type T<A> = A[];", "export type T<B> = B[];", "x.ts"],
  [
    "an inferred type",
    "export type T<A> = A extends (infer I)[] ? I : A;",
    "export type T<A> = A extends (infer J)[] ? J : A;",
    "x.ts",
  ],
  [
    "a parameter with a default",
    "function f(a = 1, b = a) { var c = a + b; return c; }",
    "function f(x = 1, y = x) { var z = x + y; return z; }",
  ],
  [
    "a component",
    "export function f() { const A = g; return <A.b><A /></A.b>; }",
    "export function f() { const B = g; return <B.b><B /></B.b>; }",
    "x.jsx",
  ],
  [
    "a private name, also where it is asked for",
    "export class C { #a = 1; m(o) { return #a in o ? o.#a : this.#a; } }",
    "export class C { #b = 1; m(o) { return #b in o ? o.#b : this.#b; } }",
  ],
  [
    "a private method that is called above it",
    "export class C { m() { return this.#a(); } #a() {} static get #c() {} }",
    "export class C { m() { return this.#b(); } #b() {} static get #d() {} }",
  ],
  [
    "a private name that an inner class's heritage sees",
    "export class C { #a; m() { return class extends this.#a { #a; n() { return this.#a; } }; } }",
    "export class C { #b; m() { return class extends this.#b { #a; n() { return this.#a; } }; } }",
  ],
  [
    "an interface",
    "interface A { x: A } class C implements A {} export const f = (a: A): C => a;",
    "interface B { x: B } class C implements B {} export const f = (a: B): C => a;",
    "x.ts",
  ],
  [
    "an interface in two parts",
    "interface A { x: 1 } interface A { y: 1 } export const f = (a: A) => a;",
    "interface B { x: 1 } interface B { y: 1 } export const f = (a: B) => a;",
    "x.ts",
  ],
  ["a type", "type A = 1; export type T = A[];", "type B = 1; export type T = B[];", "x.ts"],
  [
    "a type beside a variable of its name",
    "type T = 1; export function f(T: 2) { let u: T; return T; }",
    "type U = 1; export function f(T: 2) { let u: U; return T; }",
    "x.ts",
  ],
  [
    "an enum, as a value and as a type",
    "enum A { one, two = A.one } export const f = (a: A.one): A => A.two;",
    "enum B { one, two = B.one } export const f = (a: B.one): B => B.two;",
    "x.ts",
  ],
  [
    "and in another order",
    "export function f(a) { return a; }\nexport function g(b) { return [b]; }",
    "export function g(c) { return [c]; }\nexport function f(d) { return d; }",
  ],
];
test.each(renamings)("renamed is the same: %s", async (what, a, b, path) => {
  const { n1, n2, n3 } = await levels(a, b, path);
  expect(n1.lo === 0).toBe(false);
  const isOrder = what === "and in another order";
  expect([n2.hi === 0, n3.hi]).toEqual([!isOrder, 0]);
});

const apart: [string, string, string, string?][] = [
  ["a global of a script", "var a = 1; f(a);", "var b = 1; f(b);"],
  ["an exported name", "export const a = 1;", "export const b = 1;"],
  ["with eval about", "f((a) => eval(a))", "f((b) => eval(b))"],
  [
    "the arguments",
    "f(function (a) { return arguments; })",
    "f(function (arguments) { return arguments; })",
    "x.cjs",
  ],
  [
    "a default that sees the outer variable",
    "function g() { var x; (function (a = x) { var x; x; }); }",
    "function g() { var x; (function (a = y) { var y; y; }); }",
  ],
  [
    "a function that leaves its block",
    "function g() { { function a() {} } a(); }",
    "function g() { { function b() {} } a(); }",
    "x.cjs",
  ],
  [
    "what a switch is on",
    "f((a) => { switch (a) { case 1: let b; b; } })",
    "f((a) => { switch (b) { case 1: let b; b; } })",
  ],
  [
    "an ambient name",
    "declare const a: 1; export const c = a;",
    "declare const b: 1; export const c = b;",
    "x.ts",
  ],
  [
    "a parameter property",
    "export class C { constructor(private a: 1) {} }",
    "export class C { constructor(private b: 1) {} }",
    "x.ts",
  ],
  [
    "an enum member read inside",
    "export function f(a: 1) { enum E { a = 2, b = a } return [E, a]; }",
    "export function f(c: 1) { enum E { a = 2, b = c } return [E, c]; }",
    "x.ts",
  ],
  [
    "a type behind a variable",
    "type T = 1; export function f(T: 2) { let u: T; return T; }",
    "type T = 1; export function f(U: 2) { let u: U; return U; }",
    "x.ts",
  ],
  [
    "another private name",
    "export class C { #a; #b; m() { return this.#a; } }",
    "export class C { #a; #b; m() { return this.#b; } }",
  ],
  [
    "a private name that an inner class captures",
    "export class C { #a; m(o) { return class { #b; n() { return o.#a + this.#b; } }; } }",
    "export class C { #a; m(o) { return class { #a; n() { return o.#a + this.#a; } }; } }",
  ],
  [
    "a private name in a decorator",
    "export class C { #a; @f((o) => o.#a) m() { return this.#a; } }",
    "export class C { #b; @f((o) => o.#b) m() { return this.#b; } }",
  ],
  ["a property with a #", "export class C { #a; }", "export class C { a; }"],
  ["an exported type", "export type A = 1;", "export type B = 1;", "x.ts"],
  ["a type of a script", "type A = 1; let x: A;", "type B = 1; let x: B;", "x.ts"],
  [
    "a member of an interface",
    "interface A { x: 1 } export const f = (a: A) => a;",
    "interface A { y: 1 } export const f = (a: A) => a;",
    "x.ts",
  ],
  [
    "a member of an enum",
    "enum A { x } export const f = (a: A) => a;",
    "enum A { y } export const f = (a: A) => a;",
    "x.ts",
  ],
  [
    "an enum under the name of its member",
    "enum A { B = 1, c = A.B } export const f = A;",
    "enum B { B = 1, c = B.B } export const f = B;",
    "x.ts",
  ],
  [
    "what a declaration file exports unsaid",
    "interface A {} export declare const a: A;",
    "interface B {} export declare const a: B;",
    "x.d.ts",
  ],
  [
    "a type for everybody",
    "export {}; declare global { interface A {} }",
    "export {}; declare global { interface B {} }",
    "x.ts",
  ],
  [
    "a namespace",
    "namespace A {} export const f = A;",
    "namespace B {} export const f = B;",
    "x.ts",
  ],
  [
    "a value behind a type",
    "export function f(T: 1) { { type T = 2; let x: T; return T; } }",
    "export function f(T: 1) { { type U = 2; let x: U; return U; } }",
    "x.ts",
  ],
  [
    "a type in the place of what holds types",
    "enum T { a } export function f() { type T = 2; let x: T; let y: T.a; }",
    "enum T { a } export function f() { type U = 2; let x: U; let y: U.a; }",
    "x.ts",
  ],
  [
    "a variable in the place of what holds types",
    'import * as T from "m"; export function f(T: 1) { interface A extends T.a {} return T; }',
    'import * as T from "m"; export function f(U: 1) { interface A extends U.a {} return U; }',
    "x.ts",
  ],
  [
    "a tag that becomes an element",
    "export const f = (A) => <A />;",
    "export const f = (a) => <a />;",
    "x.jsx",
  ],
  [
    "a variable of the caught value",
    "f(() => { try {} catch (a) { var a = 1; } })",
    "f(() => { try {} catch (b) { var a = 1; } })",
  ],
];
test.each(apart)("another name may mean another thing: %s", async (_, a, b, path) => {
  const { n2, n3 } = await levels(a, b, path);
  expect(Math.min(n2.lo, n3.lo)).toBeGreaterThan(0);
});

test("the levels never gate: a minified program is 0 at N2 and still escalates", async () => {
  const { result } = await levels(
    "export function f(first, second) { const third = first * second; return third - first; }",
    "export function f(a, b) { const c = a * b; return c - a; }",
  );
  expect(result.verdict).toBe("escalate");
});
