/** Texts that are different, however small the change, and texts that are equal, whatever their layout. */
import { readdirSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { compareRenders } from "@council/ast-diff";
import {
  createKindTable,
  createSyntaxReader,
  isSameSubtree,
  loadParsers,
  normalForm,
  sizeOf,
  typeOf,
  withKinds,
} from "@council/ast-diff/testing";
import { corpusPath, corpusText } from "./diff-corpora.ts";
import { asPath, timedRead } from "./diff-engine.ts";
import { digits } from "./report.ts";
import type { Table } from "./report.ts";

/** One token that means something else. */
const swaps: readonly (readonly [RegExp, (token: string) => string])[] = [
  [/(?<=[\w)\]] )(?:===|!==|==|<=|>=|&&|\|\||[-+*/<>])(?= [\w([!])/g, swapOperator],
  [/\b(?:true|false)\b/g, (token) => String(token === "false")],
  [/(?<![\w.#"'])\d+\b(?![\w.:"'])/g, (token) => String(Number(token) + 7)],
  [/(?<=[(,=] ?)"[\w ]+"/g, (token) => `"x${token.slice(1)}`],
  [/(?<=[( ])!(?=[a-z])/g, () => ""],
  [/\bawait (?=\w)/g, () => ""],
];

function swapOperator(token: string): string {
  const series = ["===", "!==", "==", "<=", ">=", "<", ">", "&&", "||", "+", "-", "*", "/"];
  const others = ["!==", "===", "!=", "<", ">", "<=", ">=", "||", "&&", "-", "+", "/", "*"];
  return others[series.indexOf(token)] ?? token;
}

const mutated = [
  "lodash-b/lodash.js",
  "zod-b/lib/types.js",
  "axios-b/dist/axios.js",
  "vue-b/dist/vue.global.js",
  "d3-b/dist/d3.js",
  "react-dom-b/cjs/react-dom.development.js",
  "jquery/dist/jquery.js",
  "typescript-c/lib/typescript.js",
];

export async function benchMutants(): Promise<Table> {
  const parse = await loadParsers();
  const rows: string[][] = [];
  let all = 0;
  for (const file of mutated) {
    // Without comments: a token changed there changes nothing.
    const text = (await loadGenerator())(corpusText(file), { comments: false });
    const { tree } = timedRead(parse, asPath(file), text, createSyntaxReader(createKindTable()));
    const counts = { made: 0, unread: 0, zero: 0, passed: 0, small: 0 };
    let end = -1;
    for (let node = 0; node < tree.length && counts.made < 5000; node++) {
      if (typeOf(tree, node) !== "FunctionDeclaration" || tree.start[node]! < end) continue;
      if (sizeOf(tree, node) > 1500) continue;
      end = tree.end[node]!;
      await mutate(text.slice(tree.start[node], end), counts);
    }
    all += counts.made;
    rows.push([file.split("/")[0]!, ...Object.values(counts).map(digits)]);
  }
  return {
    title: `One-token mutants of functions, ${digits(all)} in all`,
    columns: ["package", "mutants", "unread", "called equal", "passed", "V <= 3 %"],
    rows,
    notes: [
      "Each compared with its original as two renders of a new file; none may be called equal or pass.",
    ],
  };
}

async function mutate(
  a: string,
  counts: { made: number; unread: number; zero: number; passed: number; small: number },
): Promise<void> {
  for (const [pattern, swap] of swaps)
    for (const { index, 0: token } of a.matchAll(pattern)) {
      const b = a.slice(0, index) + swap(token) + a.slice(index + token.length);
      const result = await compareRenders({ files: [{ path: "x.ts", base: undefined, a, b }] });
      counts.made++;
      if (result.kind === "unmeasured") counts.unread++;
      else if (result.interval[0] === 0) counts.zero++;
      else if (result.interval[1] <= 0.03) counts.small++;
      if (result.verdict === "pass") counts.passed++;
    }
}

/** Real files for the formats: small enough to be formatted a few times. */
function formatFiles(): string[] {
  const listed = ["zod-b/lib", "express-a/lib", "semver/classes", "semver/functions"].flatMap(
    (folder) =>
      readdirSync(corpusPath(folder))
        .filter((name) => name.endsWith(".js"))
        .map((name) => `${folder}/${name}`),
  );
  return [...mutated.filter((file) => !/react-dom|typescript/.test(file)), ...listed];
}

/** Code as @babel/generator writes it. */
async function loadGenerator(): Promise<(text: string, options: object) => string> {
  const load = async (name: string) =>
    (await import(pathToFileURL(corpusPath(name)).href)) as Record<string, unknown>;
  const babel = (await load("@babel/parser/lib/index.js")) as unknown as {
    parse: (text: string, options: object) => object;
  };
  const { generate } = (await load("@babel/generator/lib/index.js")) as unknown as {
    generate: (tree: object, options: object) => { code: string };
  };
  return (text, options) =>
    generate(babel.parse(text, { sourceType: "unambiguous" }), options).code;
}

export async function benchFormats(): Promise<Table> {
  const load = async (name: string) =>
    (await import(pathToFileURL(corpusPath(name)).href)) as Record<string, unknown>;
  const prettier = (await load("prettier/index.mjs")) as unknown as {
    format: (text: string, options: object) => Promise<string>;
  };
  const generated = await loadGenerator();
  const styles: readonly (readonly [string, (text: string) => string | Promise<string>])[] = [
    ["prettier", (text) => prettier.format(text, { parser: "babel" })],
    [
      "prettier, single quotes, no semicolons",
      (text) =>
        prettier.format(text, { parser: "babel", singleQuote: true, semi: false, tabWidth: 4 }),
    ],
    [
      "prettier, narrow, quoted keys",
      (text) =>
        prettier.format(text, { parser: "babel", printWidth: 40, quoteProps: "consistent" }),
    ],
    ["@babel/generator", (text) => generated(text, {})],
    ["@babel/generator, compact", (text) => generated(text, { compact: true })],
    ["@babel/generator, minified", (text) => generated(text, { minified: true })],
    ["CRLF", (text) => text.replace(/\r?\n/g, "\r\n")],
  ];
  const files = formatFiles();
  const rows: string[][] = [];
  for (const [name, format] of styles) {
    const unequal: string[] = [];
    for (const file of files) {
      const text = corpusText(file);
      const forms = await Promise.all(
        [text, await format(text)].map((version) => normalForm("x.js", version)),
      );
      const [x, y] = forms.map((form) => (form.kind === "parsed" ? form.tree : undefined));
      if (!x || !y || !isSameSubtree(x, 0, withKinds(y, x.kinds), 0)) unequal.push(file);
    }
    rows.push([name, String(files.length), String(unequal.length), unequal.join(" ").slice(0, 80)]);
  }
  return {
    title: "Formats that must make no difference",
    columns: ["format", "files", "not equal", "which"],
    rows,
    notes: [],
  };
}
