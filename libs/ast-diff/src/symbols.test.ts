import { expect, test } from "vitest";
import type { ChangedFile, ChangeReport } from "./change-report.ts";
import { reportChange } from "./report-change.ts";

const report = (...files: ChangedFile[]): Promise<ChangeReport> => reportChange({ files });

/** Symbols as `name change effect`, with where they were. */
async function changes(...files: ChangedFile[]): Promise<string[]> {
  const { symbols } = await report(...files);
  return symbols.map(({ path, name, change, effect, was, wasPath }) =>
    [
      path,
      name,
      change,
      effect,
      ...(was ? [`was ${was}`] : []),
      ...(wasPath ? [wasPath] : []),
    ].join(" "),
  );
}

test("a thing under another name is renamed, and its members go along", async () => {
  const base = "export class Cart { add(a) { return a + 1 } }\nfunction one(b) { return b * 2 }\n";
  const candidate = base.replace("Cart", "Basket").replace("one", "two");
  expect(await changes({ path: "a.ts", base, candidate })).toEqual([
    "a.ts Basket renamed major was Cart",
    "a.ts two renamed patch was one",
  ]);
});

test("a thing in another file is moved", async () => {
  const keep = "export const a = 1;\n";
  const moved = "export function f(b) { return b * 2 }\n";
  expect(
    await changes(
      { path: "a.ts", base: keep + moved, candidate: keep },
      { path: "b.ts", base: keep, candidate: keep + moved },
      { path: "c.py", base: "def g(a):\n    return a\n", candidate: undefined },
      { path: "d.py", base: undefined, candidate: "def h(a):\n    return a\n" },
    ),
  ).toEqual(["b.ts f moved major a.ts", "d.py h moved major was g c.py"]);
});

test("what could have come from two places came from neither", async () => {
  const base = "function a() { return 1 }\nfunction b() { return 1 }\n";
  expect(await changes({ path: "a.ts", base, candidate: "function c() { return 1 }\n" })).toEqual([
    "a.ts a removed patch",
    "a.ts b removed patch",
    "a.ts c added patch",
  ]);
});

const semver: readonly (readonly [string, string, string, string])[] = [
  ["a body", "export function f(a) { return 1 }", "export function f(a) { return 2 }", "patch"],
  ["one more", "export const a = 1", "export const a = 1, b = 2", "minor"],
  ["a parameter", "export function f(a) {}", "export function f(a, b) {}", "major"],
  [
    "what was hidden",
    "class A { private f() {} } export { A }",
    "class A { f() {} } export { A }",
    "minor",
  ],
  ["another format", "f(1)", "f( 1 )", "none"],
];
test.each(semver)(
  "the version step follows from the symbols: %s",
  async (_, base, candidate, step) => {
    expect((await report({ path: "a.ts", base, candidate })).semver).toBe(step);
  },
);

const others: readonly (readonly [string, string, string, readonly string[]])[] = [
  [
    "a.py",
    "import a\nX = 1\nclass A(B):\n    @p\n    def f(self, a):\n        return a\n    def _g(self):\n        pass\n",
    "import a\nX = 2\nclass A(B):\n    @p\n    def f(self, a, b):\n        return a\n    def _g(self):\n        return 1\n",
    ["A changed patch", "A._g changed patch", "A.f signature-changed major", "X changed patch"],
  ],
  [
    "a.go",
    "package p\nfunc (s *T) F(a int) {}\nfunc g() {}\ntype T struct { A int }\nconst C = 1\n",
    "package p\nfunc (s *T) F(a string) {}\nfunc h() {}\ntype T struct { A int; B int }\nconst C = 1\n",
    ["T signature-changed major", "T.F signature-changed major", "h renamed patch was g"],
  ],
  [
    "A.java",
    "public class A { private int x = 1; public void m(int a) { b(); } }",
    "public class A { private int x = 2; protected void m(int a) { b(); } public int n() { return 1; } }",
    ["A changed patch", "A.m signature-changed major", "A.n added minor", "A.x changed patch"],
  ],
  [
    "a.rs",
    "pub struct S { a: i32 }\nimpl S { pub fn f(&self) -> u8 { 1 } fn g() {} }\n",
    "pub struct S { a: i64 }\nimpl S { pub fn f(&self) -> u16 { 1 } }\n",
    ["S changed patch", "S.f signature-changed major", "S.g removed patch"],
  ],
  [
    "a.c",
    "static int f(int *a) { return 1; }\nint g(int a) { return 1; }\n",
    "static int f(char *a) { return 1; }\nint g(int a) { return 2; }\n",
    ["f signature-changed patch", "g changed patch"],
  ],
  [
    "a.cpp",
    "namespace n { class A { public: void g(int a) const { h(); } }; }\n",
    "namespace n { class A { public: void g(int a) { h(); } }; }\n",
    ["n changed patch", "n.A changed patch", "n.A.g signature-changed major"],
  ],
  [
    "a.cs",
    "namespace B { public class C { public int X { get; set; } private void M() { } } }",
    "namespace B { public class C { public int X { get; } private void M() { N(); } } }",
    ["B changed patch", "B.C changed patch", "B.C.M changed patch", "B.C.X changed patch"],
  ],
  [
    "a.php",
    "<?php class D { private function m(int $a) { } public function n() { } }",
    "<?php class D { private function m(string $a) { } }",
    ["D changed patch", "D.m signature-changed patch", "D.n removed major"],
  ],
  [
    "a.rb",
    "module N\n  class A\n    def m(a)\n      1\n    end\n  end\nend\n",
    "module N\n  class A\n    def m(a, b)\n      1\n    end\n  end\nend\n",
    ["N changed patch", "N.A changed patch", "N.A.m signature-changed major"],
  ],
  [
    "a.sh",
    "f() { ls; }\nX=1\nf\n",
    "f() { ls -l; }\nX=1\nf a\n",
    ["(module) changed patch", "f changed patch"],
  ],
];
test.each(others)("the symbols of other languages: %s", async (path, base, candidate, expected) => {
  const result = await report({ path, base, candidate });
  expect(result.unknown).toEqual([]);
  expect(
    result.symbols.map(({ name, change, effect, was }) =>
      [name, change, effect, ...(was ? [`was ${was}`] : [])].join(" "),
    ),
  ).toEqual(expected);
});

const touched: readonly (readonly [string, string, object, readonly string[]])[] = [
  [
    "a.py",
    'import subprocess\nif a:\n    raise E("x")\nsubprocess.run(["ls"])\n',
    { calls: ["E", "subprocess.run"], imports: ["subprocess"], throws: 1, conditions: 1 },
    ["process-execution"],
  ],
  [
    "a.go",
    'package p\nimport "os/exec"\nfunc f() { if a { panic("x") }; exec.Command("ls") }\n',
    { calls: ["exec.Command"], imports: ["os/exec"], throws: 1, conditions: 1 },
    ["process-execution"],
  ],
  [
    "A.java",
    "import java.net.URL; class A { void m() { if (a) throw new E(); System.exit(1); } }",
    { calls: ["E", "System.exit"], imports: ["java.net.URL"], throws: 1, conditions: 1 },
    ["network", "process-exit"],
  ],
  [
    "a.rs",
    'use std::fs;\nfn f() { if a { panic!("x") } unsafe { fs::remove_file("a"); } }\n',
    { calls: ["fs.remove_file"], imports: ["std.fs"], throws: 1, conditions: 1 },
    ["file-system", "type-escape"],
  ],
  [
    "a.rb",
    "require 'open3'\nraise E if a\ndrop_table :b\n",
    { calls: ["drop_table"], imports: ["open3"], throws: 1, conditions: 1 },
    ["data-destroying", "process-execution"],
  ],
  [
    "a.php",
    "<?php use A\\B; if ($a) { throw new E(); } shell_exec($b);",
    { calls: ["E", "shell_exec"], imports: ["A.B"], throws: 1, conditions: 1 },
    ["process-execution"],
  ],
  [
    "a.cs",
    "using System.IO; class A { void M() { if (a) throw new E(); File.Delete(b); } }",
    { calls: ["E", "File.Delete"], imports: ["System.IO"], throws: 1, conditions: 1 },
    ["file-system"],
  ],
  [
    "a.sh",
    "if [ -f a ]; then curl b; fi\n. lib.sh\n",
    { calls: ["curl"], imports: ["lib.sh"], throws: 0, conditions: 1 },
    ["configuration", "network"],
  ],
];
test.each(touched)("what other languages touch: %s", async (path, candidate, expected, tags) => {
  const result = await report({ path, base: undefined, candidate });
  expect(result.unknown).toEqual([]);
  expect(result.touches).toMatchObject(expected);
  expect(result.riskTags).toEqual(tags);
});

const orders: readonly (readonly [string, string, string])[] = [
  [
    "functions",
    "function a() {}\nexport function b() {}\nc()",
    "export function b() {}\nc()\nfunction a() {}",
  ],
  [
    "imports",
    'import { a, b } from "c";\nimport d from "e";',
    'import d from "e";\nimport { b, a } from "c";',
  ],
  ["methods", "class A { x = 1; f() {} static g() {} }", "class A { static g() {} x = 1; f() {} }"],
  ["members of a type", "interface A { a: 1; b: 2 }", "interface A { b: 2; a: 1 }"],
];
test.each(orders)(
  "order that says nothing leaves the digest as it was (P6): %s",
  async (_, x, y) => {
    const base = "z()";
    const one = await report({ path: "a.ts", base, candidate: x });
    const other = await report({ path: "a.ts", base, candidate: y });
    expect(other.semanticDigest).toBe(one.semanticDigest);
    const result = await report({ path: "a.ts", base: x, candidate: y });
    expect(result.files[0]?.change).toBe("reordered");
    expect(result).toMatchObject({ symbols: [], semver: "none", tier: "service" });
  },
);

const kept: readonly (readonly [string, string, string])[] = [
  ["statements", "a()\nb()", "b()\na()"],
  ["fields", "class A { x = f(); y = g() }", "class A { y = g(); x = f() }"],
  [
    "overloads",
    "function a(b: 1): 1\nfunction a(b: 2): 2\nfunction a(b) {}",
    "function a(b: 2): 2\nfunction a(b: 1): 1\nfunction a(b) {}",
  ],
  [
    "twice one name",
    "function a() { b() }\nfunction a() { c() }",
    "function a() { c() }\nfunction a() { b() }",
  ],
  ["imports for their effect", 'import "a";\nimport "b";', 'import "b";\nimport "a";'],
  ["object keys", "f({ a: 1, b: 2 })", "f({ b: 2, a: 1 })"],
  ["decorated methods", "class A { @d f() {} @e g() {} }", "class A { @e g() {} @d f() {} }"],
];
test.each(kept)("order that counts changes the digest (P6): %s", async (_, x, y) => {
  const one = await report({ path: "a.ts", base: "z()", candidate: x });
  const other = await report({ path: "a.ts", base: "z()", candidate: y });
  expect(one.unknown).toEqual([]);
  expect(other.semanticDigest).not.toBe(one.semanticDigest);
});
