import { describe, expect, test } from "vitest";
import { startLimits } from "../caps.ts";
import { languageOf } from "../language.ts";
import { normalForm } from "../normal-form.ts";
import { childrenOf, labelOf, typeOf } from "../tree.ts";
import { grammars } from "./grammars.ts";
import { readText } from "./read-text.ts";

/**
 * One file per language. `same` is the same program in another format; `neutral` the characters that
 * may go without a change of meaning: commas that end a list.
 */
interface Sample {
  readonly path: string;
  readonly text: string;
  readonly same: string;
  readonly neutral?: RegExp;
}

const samples: readonly Sample[] = [
  {
    path: "a.py",
    text: 'import os\n@d\ndef f(a, b: int = 1,) -> str:\n    x[1:] = y[:1]\n    if a and not b:\n        return f"a{b!r}  c"\n    return (a,)\n\nclass A(B):\n    y = [1, 2]\n',
    same: '# what\nimport os\n\n@d\ndef f(\n  a,\n  b: int=1\n) -> str:\n  x[1:]=y[:1] # why\n  if a and not b:\n      return f"a{b!r}  c"\n  return (a,)\nclass A(B):\n  y = [\n    1,\n    2,\n  ]\n',
    neutral: /,(?=\) ->)/g,
  },
  {
    path: "a.go",
    text: 'package p\n\nimport "os"\n\nfunc (s *T) F(a int, b ...string) (c string) {\n\tx := a[1:]\n\tif x != nil && !ok {\n\t\treturn "a\\n  b" + `r`\n\t}\n\tfor i := 0; i < 3; i++ {\n\t\tgo f(i)\n\t}\n\treturn\n}\n',
    same: '// Package p is.\npackage p\nimport "os"\n/* F does */\nfunc (s *T) F(\n a int,\n b ...string,\n) (c string) {\n x := a[1:]\n\n if x != nil && !ok { return "a\\n  b" + `r` }\n for i := 0; i < 3; i++ { go f(i) }\n return }\n',
  },
  {
    path: "A.java",
    text: 'import a.b.C;\npublic class A extends B {\n  private int x = 1;\n  @O(1) public void m(int a) throws E {\n    if (a > 0 || !b) b.c(a, "x  y");\n    throw new E();\n  }\n}\n',
    same: 'import a.b.C;\n/** Doc. */ public class A extends B\n{ private int x = 1; @O(1)\npublic void m( int a ) throws E { if (a>0 || !b)\n b.c( a, "x  y" ); throw new E(); } }\n',
  },
  {
    path: "a.rs",
    text: 'use a::b;\npub fn f(x: &str) -> u8 {\n    println!("{}  x", 1 + 2);\n    let y = [1; 3];\n    match x { "a" => 1, _ => y[0] }\n}\npub struct S { a: i32, b: u8, }\n',
    same: '//! Doc\nuse a::b ;\npub fn f( x: &str ) -> u8 { println!("{}  x", 1+2); let y = [1;3];\n match x { "a" => 1, _ => y[0] } }\npub struct S { a: i32, b: u8 }\n',
    neutral: /,(?= \}\n$)/g,
  },
  {
    path: "a.c",
    text: '#include <a.h>\n#define X(a) a\nstatic int f(int *a) {\n  int b[] = {1, 2};\n  if (a && *a != 3) return a->b + 1;\n  return "x  y"[0];\n}\n',
    same: '/* c */\n#include <a.h>\n#define X(a) a\nstatic int f( int * a )\n{ int b[] = { 1,2 }; if (a && *a!=3)\n return a->b+1; return "x  y"[0]; }\n',
  },
  {
    path: "a.cpp",
    text: "namespace n {\ntemplate <typename T> class A : public B {\npublic:\n  void g(T a) const { throw E(a); }\nprivate:\n  int b = 0;\n};\n}\n",
    same: "namespace n { // n\ntemplate <typename T>\nclass A : public B { public: void g( T a ) const { throw E( a ); } private: int b = 0; };\n}\n",
  },
  {
    path: "a.sh",
    text: '#!/bin/sh\nset -e\nf() {\n  echo "$x  $y" a b | grep -v c > d\n}\nif [ -f "$a" ]; then\n  f\nfi\ncat <<E\n  a $b\nE\n',
    same: '#!/bin/sh\n# why\nset   -e\nf() {\n\n  echo "$x  $y"  a b | grep  -v c > d # where\n}\nif [ -f "$a" ]; then\n f\nfi\ncat <<E\n  a $b\nE\n',
  },
  {
    path: "a.cs",
    text: 'using A;\nnamespace B {\n  public class C : D {\n    public int X { get; set; }\n    void M(int a) { if (a > 1) throw new E("x  y"); }\n  }\n}\n',
    same: 'using A;\nnamespace B\n{\n  // c\n  public class C : D { public int X { get; set; } void M( int a )\n { if (a>1) throw new E( "x  y" ); } }\n}\n',
  },
  {
    path: "a.php",
    text: '<?php\nnamespace A;\nuse B\\C;\nclass D {\n  private function m(int $a): int {\n    return "a $b  $c" . f($a)->g() ?? [1, 2];\n  }\n}\n',
    same: '<?php\nnamespace A;\nuse B\\C; // c\nclass D\n{\n  private function m( int $a ): int { return "a $b  $c" . f( $a )->g() ?? [ 1, 2, ]; }\n}\n',
  },
  {
    path: "a.rb",
    text: "require 'x'\nclass A < B\n  def m(a, b: 1)\n    raise E, \"a #{b}  c\" if a && !b\n    [1, 2].map { |x| x + 1 }\n  end\nend\n",
    same: "# c\nrequire 'x'\n\nclass A < B\n def m(a,\n       b: 1)\n   raise E, \"a #{b}  c\" if a && !b\n   [1, 2].map { |x| x+1 }\n end\nend\n",
  },
  {
    path: "a.css",
    text: '@import "a.css";\na .b > c:hover { color: red; font: a b, c; }\n@media (min-width: 3px) { d { width: calc(1px + 2%); } }\n',
    same: '/* c */ @import "a.css";\na .b > c:hover {\n  color: red;\n  font: a b,\n    c;\n}\n@media (min-width: 3px)\n{ d { width: calc(1px + 2%); } }\n',
  },
  {
    path: "a.ps1",
    text: 'param([int]$A = 1)\nfunction Get-B {\n  if ($A -gt 2) { Write-Output "a  $A" }\n}\n',
    same: '# c\nparam([int]$A = 1)\nfunction Get-B\n{\n  if ($A -gt 2) { Write-Output "a  $A" } }\n',
  },
  {
    path: "a.json",
    text: '{"b": [1, 2.5, true], "a": {"c": "d  e", "f": null}}\n',
    same: '{\n  "a": { "f": null, "c": "d  \\u0065" },\n  "b": [1, 2.5, true]\n}',
  },
  {
    path: "tsconfig.json",
    text: '{"b": [1], "a": {"c": "d"}}\n',
    same: '{\n  // why\n  "a": { "c": "d", },\n  "b": [1]\n}',
  },
  {
    path: "a.yml",
    text: "b:\n  - 1\n  - 'x  y'\n  - {c: d}\na: &z yes\n---\ne: |\n  f\n  g\n",
    same: '# c\nb:\n - 1\n - "x  y"\n - c: d\na:   &z yes # d\n---\ne: "f\\ng\\n"\n',
  },
];

async function formOf(path: string, text: string): Promise<string> {
  const form = await normalForm(path, text);
  if (form.kind === "failed") return `failed: ${form.reason}`;
  const { type, role, label, parent } = form.tree;
  return JSON.stringify({ type, role, label, parent: [...parent] });
}

describe.each(samples)("$path", ({ path, text, same, neutral }) => {
  test("has one normal form in every format", async () => {
    const form = await formOf(path, text);
    expect(form).not.toMatch(/^failed/);
    expect(await formOf(path, same)).toBe(form);
  });

  test("no character can go and leave the normal form as it was", async () => {
    const form = await formOf(path, text);
    const skip = new Set([...text.matchAll(neutral ?? /(?!)/g)].map(({ index }) => index));
    const unseen: string[] = [];
    for (const [at, character] of text.split("").entries()) {
      // White space counts in strings, of which each sample holds one with two spaces.
      const isSeen = /\S/.test(character) || text.slice(at, at + 2) === "  ";
      const isInString = !/\s/.test(character) || /\S {2}\S/.test(text.slice(at - 1, at + 3));
      if (!isSeen || !isInString || skip.has(at)) continue;
      if ((await formOf(path, text.slice(0, at) + text.slice(at + 1))) === form)
        unseen.push(`${text.slice(Math.max(0, at - 8), at)}[${character}]`);
    }
    expect(unseen).toEqual([]);
  });

  test("a broken file has no normal form (P3)", async () => {
    expect(await formOf(path, `${text}\n)]}"{[(`)).toBe("failed: parse-error");
  });
});

test("every grammar has a sample", () => {
  const seen = new Set(samples.map(({ path }) => languageOf(path)));
  expect([...grammars.keys()].filter((language) => !seen.has(language))).toEqual([]);
});

const directives: readonly (readonly [string, string, string])[] = [
  ["a.go", "//go:build linux\n\npackage p\n", "package p\n"],
  ["a.go", '/*\nint x;\n*/\nimport "C"\n', '/*\nint y;\n*/\nimport "C"\n'],
  ["a.py", "# -*- coding: latin-1 -*-\nx = 1\n", "x = 1\n"],
  ["a.rb", "# frozen_string_literal: true\nx = 1\n", "x = 1\n"],
  ["a.sh", "#!/bin/sh\nls\n", "#!/bin/bash\nls\n"],
  ["a.php", "<?php\n/** @Route(1) */\nf();\n", "<?php\n/** @Route(2) */\nf();\n"],
];
test.each(directives)(
  "a comment a tool takes orders from is code: %s",
  async (path, one, other) => {
    expect(await formOf(path, one)).not.toBe(await formOf(path, other));
  },
);

const distinct: readonly (readonly [string, string, string])[] = [
  ["a.py", "if a:\n    b()\n    c()\n", "if a:\n    b()\nc()\n"],
  ["a.py", "x = (1,)\n", "x = (1)\n"],
  ["a.go", "package p\nvar x = a[1:]\n", "package p\nvar x = a[:1]\n"],
  ["a.rs", "const A: [u8; 2] = [1; 2];\n", "const A: [u8; 2] = [1, 2];\n"],
  ["a.css", "a{font:b c,d}", "a{font:b,c d}"],
  ["a.sh", "a && b || c\n", "a || b && c\n"],
  ["a.json", "[1.0]", "[1]"],
  ["a.json", '{"a":1,"a":2}', '{"a":2,"a":1}'],
  ["a.yml", "a: no\n", 'a: "no"\n'],
  ["a.yml", "a: &x 1\nb: *x\n", "a: &x 1\nb: 1\n"],
  ["a.yml", "a: !b c\n", "a: c\n"],
];
test.each(distinct)("different programs have different forms: %s %#", async (path, one, other) => {
  const forms = [await formOf(path, one), await formOf(path, other)];
  expect(forms.join()).not.toMatch(/failed/);
  expect(forms[0]).not.toBe(forms[1]);
});

test("deep and long files are read or refused, never a crash", async () => {
  for (const [path, open, close] of [
    ["a.json", "[", "]"],
    ["a.yml", "[", "]"],
    ["a.py", "(", ")"],
    ["a.go", "(", ")"],
  ] as const) {
    const form = await formOf(path, open.repeat(20_000) + close.repeat(20_000));
    expect(["failed: too-deep", "failed: parse-error"]).toContain(form);
  }
  const aliases = Array.from(
    { length: 30 },
    (_, at) => `a${at + 1}: &a${at + 1} [*a${at},*a${at}]`,
  );
  expect(await formOf("a.yml", `a0: &a0 x\n${aliases.join("\n")}\n`)).not.toMatch(/failed/);
});

test("a parse is ended when the time is up (P3)", async () => {
  const { createSyntaxReader } = await import("./syntax-reader.ts");
  const read = await createSyntaxReader({ file: "python" });
  let now = 0;
  const limits = startLimits({ timeBudgetMs: 3, nowMs: () => now++ });
  expect(read("x = f(1)\n".repeat(20_000), limits)).toEqual({ kind: "failed", reason: "timeout" });
});

test("a text without a grammar is its lines", () => {
  const form = readText("a\nb\n", startLimits());
  if (form.kind === "failed") throw new Error(form.reason);
  const lines = childrenOf(form.tree, 0);
  expect(lines.map((line) => labelOf(form.tree, line))).toEqual(["a", "b"]);
  expect(typeOf(form.tree, 0)).toBe("text");
  expect([...form.tree.start]).toEqual([0, 0, 2]);
});
