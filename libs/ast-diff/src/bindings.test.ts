import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { analyze } from "@typescript-eslint/scope-manager";
import { parse } from "@typescript-eslint/typescript-estree";
import { minify } from "terser";
import { expect, test } from "vitest";
import { resolveBindings } from "./bindings.ts";
import { compareRenders } from "./compare-renders.ts";
import { normalForm } from "./normal-form.ts";

const require = createRequire(import.meta.url);
const folderOf = (name: string) => dirname(require.resolve(name));
const filesIn = (folder: string, pattern: RegExp) =>
  readdirSync(folder)
    .filter((name) => pattern.test(name))
    .map((name) => join(folder, name));

/** For each name by its place the place where its variable is first declared; -1 for a free one. */
function peerOf(path: string, text: string): Map<number, number> {
  const options = { range: true, loc: true, jsx: path.endsWith("x"), filePath: path } as const;
  const sourceType = /^(?:import|export)\b/m.test(text) ? "module" : "script";
  const { scopes } = analyze(parse(text, options), { sourceType, lib: [] });
  const places = new Map<number, number>();
  for (const scope of scopes) {
    for (const { identifiers } of scope.variables)
      for (const { range } of identifiers) places.set(range[0], identifiers[0]!.range[0]);
    for (const { identifier, resolved } of scope.references)
      places.set(identifier.range[0], resolved?.identifiers[0]?.range[0] ?? -1);
  }
  return places;
}

test("every name of real files stands for what ESLint's scope manager says", async () => {
  const files = [
    ...filesIn(folderOf("@typescript-eslint/typescript-estree"), /^(?:c|n)\w+.*\.js$/),
    ...filesIn(import.meta.dirname, /^[a-m].*(?<!\.test)\.ts$/),
    join(folderOf("@babel/parser"), "index.js"),
  ];
  let count = 0;
  const unlike: string[] = [];
  for (const file of files) {
    const text = readFileSync(file, "utf8");
    const form = await normalForm(file, text);
    if (form.kind === "failed") throw new Error(`${file}: ${form.reason}`);
    const { of, declares } = resolveBindings(form.tree);
    const first = new Map<number, number>();
    for (const [node, binding] of of.entries())
      if (declares[node] && !first.has(binding)) first.set(binding, form.tree.start[node]!);
    const own = new Map<number, number>();
    for (const [node, binding] of of.entries())
      if (binding >= 0) own.set(form.tree.start[node]!, first.get(binding) ?? -1);
    for (const [place, variable] of peerOf(file, text)) {
      count++;
      if (own.get(place) !== variable)
        unlike.push(`${file} ${text.slice(place, place + 40)}: ${own.get(place)}, ${variable}`);
    }
  }
  expect(unlike).toEqual([]);
  expect(count).toBeGreaterThan(20_000);
}, 60_000);

test("what terser mangles is 0 at N2, and is not at N1", async () => {
  const files = [
    ...filesIn(
      folderOf("@typescript-eslint/typescript-estree"),
      /^(?:convert-comments|node-utils|parser)\.js$/,
    ),
    require.resolve("jsonc-parser"),
  ];
  expect(files).toHaveLength(4);
  for (const file of files) {
    const text = readFileSync(file, "utf8");
    const options = { compress: false, format: { beautify: true, ascii_only: true } } as const;
    const { code: a } = await minify(text, { ...options, mangle: false });
    const { code: b } = await minify(text, { ...options, mangle: true });
    const result = await compareRenders({ files: [{ path: "x.js", base: undefined, a, b }] });
    if (result.kind === "unmeasured") throw new Error(result.reason);
    expect(result.facts.atN2.ab).toEqual({ lo: 0, hi: 0 });
    expect(result.facts.ab.lo).toBeGreaterThan(50);
    expect(result.files[0]!.outcome).toBe("same-but-names");
  }
}, 60_000);
