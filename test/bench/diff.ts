/**
 * What the AST diff costs and how good it is, beside its peers on the same trees:
 * `npm run bench:diff [pairs|parsers|sizes|quality|mutants|formats|mangle|hostile ...]`. Corpora are installed from npm into
 * `.council/corpora` the first time. Nothing here passes or fails; times are medians.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { compareRenders } from "@council/ast-diff";
import {
  TreeWriter,
  checkedScript,
  costOf,
  createKindTable,
  createScript,
  isSameSubtree,
  labelOf,
  loadParsers,
  measureDistance,
  normalForm,
  planExactMatch,
  sizeOf,
  typeOf,
  withKinds,
} from "@council/ast-diff/testing";
import type { Tree } from "@council/ast-diff/testing";
import { corpusPath, corpusText, installCorpora, pairs } from "./diff-corpora.ts";
import {
  asPath,
  countSteps,
  processorMsOf,
  matchPair,
  timedDiff,
  timedRead,
} from "./diff-engine.ts";
import { benchMangle } from "./diff-mangle.ts";
import { benchParsers, benchSizes } from "./diff-sizes.ts";
import { matchGumTreeSimple } from "./gumtree-simple.ts";
import { digits, machine, median, percentile, printTable } from "./report.ts";
import type { Table } from "./report.ts";

/** Files above this size are left out of what is quadratic. */
const peerNodes = 400_000;
const exactNodes = 600;

async function timeOf(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function gitMs(a: string, b: string): Promise<number> {
  return timeOf(() => {
    try {
      execFileSync(
        "git",
        ["diff", "--no-index", "--histogram", "--", corpusPath(a), corpusPath(b)],
        {
          stdio: "ignore",
        },
      );
    } catch {
      // It exits with 1 where there is a difference.
    }
  });
}

async function benchPairs(): Promise<Table> {
  const parse = await loadParsers();
  const textDiff = (await import(pathToFileURL(corpusPath("diff/libesm/index.js")).href)) as {
    diffLines: (a: string, b: string, options: { timeout: number }) => unknown;
  };
  const rows: string[][] = [];
  for (const { name, a, b } of pairs) {
    const [textA, textB] = [corpusText(a), corpusText(b)];
    const runs = Array.from({ length: textA.length > 5e6 ? 3 : 7 }, () =>
      timedDiff(parse, asPath(a), textA, textB),
    );
    const last = runs.at(-1)!;
    const parseMs = median(runs.map((run) => run.parseMs));
    const totals = runs.map(
      ({ parseMs: own, readMs, matchMs, scriptMs }) => (own + readMs + matchMs + scriptMs) / own,
    );
    const ownMs = median(runs.map(({ matchMs, scriptMs }) => matchMs + scriptMs));
    const nodes = last.a.length + last.b.length;
    let peer = ["-", "-", "-"];
    if (nodes <= peerNodes) {
      let script: ReturnType<typeof createScript> = [];
      const peerMs = median(
        runs.map(() =>
          processorMsOf(() => {
            script = createScript(last.a, last.b, matchGumTreeSimple(last.a, last.b));
          }),
        ),
      );
      peer = [digits(peerMs), `${digits(peerMs / ownMs)}x`, countSteps(script)];
    }
    const gitTime = await gitMs(a, b);
    const linesMs = processorMsOf(() => textDiff.diffLines(textA, textB, { timeout: 20_000 }));
    rows.push([
      name,
      digits((textA.length + textB.length) / 1e6),
      digits(nodes),
      digits(parseMs),
      digits(median(runs.map(({ readMs }) => readMs))),
      digits(median(runs.map(({ matchMs }) => matchMs))),
      digits(median(runs.map(({ scriptMs }) => scriptMs))),
      median(totals).toFixed(2),
      countSteps(last.script),
      ...peer,
      digits(gitTime),
      digits(linesMs),
    ]);
  }
  return {
    title: "Two versions of real files (ms of processor time; git: of wall time)",
    columns: [
      ..."pair|MB|nodes|parse|read|match|script|total/parse|del/ins/upd/move".split("|"),
      ..."GumTree-simple|beside match+script|its script|git histogram|npm diff lines".split("|"),
    ],
    rows,
    notes: [
      "Both sides; parse is typescript-estree and Babel's check is left out. script: written, carried out and compared with B.",
      `GumTree-simple is our plain implementation, on the same trees and hashes, up to ${digits(peerNodes)} nodes.`,
    ],
  };
}

const functionTypes =
  /^(?:Function(?:Declaration|Expression)|ArrowFunctionExpression|MethodDefinition|Property)$/;

/** Functions by name where only one has it. */
function functionsIn(tree: Tree): Map<string, number> {
  const byName = new Map<string, number>();
  for (let node = 0; node < tree.length; node++) {
    const type = typeOf(tree, node);
    if (!functionTypes.test(type) || sizeOf(tree, node) < 8) continue;
    const label = /^(?:Identifier|Name)$/.test(typeOf(tree, node + 1))
      ? labelOf(tree, node + 1)
      : "";
    if (label === "") continue;
    const name = `${type} ${label}`;
    byName.set(name, byName.has(name) ? -1 : node);
  }
  return byName;
}

function cutOut(tree: Tree, root: number): Tree {
  const writer = new TreeWriter(tree.kinds, sizeOf(tree, root));
  for (let node = root; node < root + sizeOf(tree, root); node++)
    writer.add(node === root ? -1 : tree.parent[node]! - root, tree.kind[node]!, -1, -1);
  return writer.finish(({ start }) => new Int32Array(start.length));
}

/** Functions of one name that differ between two versions, the same pair of bodies once. */
async function changedFunctions(): Promise<[Tree, Tree][]> {
  const parse = await loadParsers();
  const found: [Tree, Tree][] = [];
  for (const { a, b } of pairs) {
    const kinds = createKindTable();
    const x = timedRead(parse, asPath(a), corpusText(a), kinds).tree;
    const y = timedRead(parse, asPath(b), corpusText(b), kinds).tree;
    const inY = functionsIn(y);
    for (const [name, i] of functionsIn(x)) {
      const j = inY.get(name) ?? -1;
      if (i < 0 || j < 0 || Math.max(sizeOf(x, i), sizeOf(y, j)) > exactNodes) continue;
      if (x.lo[i] !== y.lo[j]) found.push([cutOut(x, i), cutOut(y, j)]);
    }
  }
  return found;
}

function exactCost(x: Tree, y: Tree): number {
  const partner = new Int32Array(x.length).fill(-1);
  planExactMatch({ tree: x, roots: [0] }, { tree: y, roots: [0] }).match((i, j) => {
    partner[i] = j;
  });
  return costOf(x, y, partner) ?? Number.NaN;
}

async function benchQuality(): Promise<Table> {
  const functions = await changedFunctions();
  const results = { own: [] as number[], peer: [] as number[], exact: [] as number[] };
  let [unequal, outside, decided, tight] = [0, 0, 0, 0];
  for (const [x, y] of functions) {
    const exact = exactCost(x, y);
    const there = checkedScript(x, y, matchPair(x, y)).length;
    const back = checkedScript(y, x, matchPair(y, x)).length;
    if (there !== back) unequal++;
    const { lo, hi } = measureDistance(x, y);
    if (exact < lo || exact > hi) outside++;
    if (lo === hi) tight++;
    const ratio = (d: number) => (2 * d) / (x.length + y.length + d);
    if (ratio(hi) <= 0.03 || ratio(lo) > 0.03) decided++;
    results.exact.push(exact);
    results.own.push(there);
    results.peer.push(createScript(x, y, matchGumTreeSimple(x, y)).length);
  }
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
  const row = (name: string, lengths: readonly number[]) => [
    name,
    (sum(lengths) / sum(results.exact)).toFixed(3),
    percentile(
      lengths.map((length, at) => length / results.exact[at]!),
      0.9,
    ).toFixed(2),
  ];
  return {
    title: `Script length / exact tree edit distance, ${functions.length} changed functions`,
    columns: ["matcher", "sum", "p90"],
    rows: [row("Council", results.own), row("GumTree-simple", results.peer)],
    notes: [
      `Functions up to ${exactNodes} nodes a side; a move counts 1. Sides swapped, another length: ${unequal}.`,
      `Exact distance outside the certified interval: ${outside}; interval of one value: ${tight}; 3 % decided: ${decided}.`,
    ],
  };
}

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

async function benchMutants(): Promise<Table> {
  const parse = await loadParsers();
  const rows: string[][] = [];
  let all = 0;
  for (const file of mutated) {
    // Without comments: a token changed there changes nothing.
    const text = (await loadGenerator())(corpusText(file), { comments: false });
    const { tree } = timedRead(parse, asPath(file), text, createKindTable());
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

async function benchFormats(): Promise<Table> {
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

const series = (count: number, make: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => make(at));
const hostile: readonly (readonly [string, string, string])[] = [
  [
    "3,000 equal blocks and one more",
    "it('a', () => { f(1); g(2) });\n".repeat(3000),
    "it('a', () => { f(1); g(2) });\n".repeat(3001),
  ],
  [
    "3,000 blocks, every one changed",
    series(3000, (at) => `it('a${at}', () => { f(1) });`).join("\n"),
    series(3000, (at) => `it('a${at}', () => { g(2) });`).join("\n"),
  ],
  [
    "10,000 functions in reverse",
    series(10_000, (at) => `function f${at}() { return ${at} }`).join("\n"),
    series(10_000, (at) => `function f${9999 - at}() { return ${9999 - at} }`).join("\n"),
  ],
  [
    "10,000 functions in reverse, each edited",
    series(10_000, (at) => `function f${at}() { return ${at} }`).join("\n"),
    series(10_000, (at) => `function f${9999 - at}() { return ${9999 - at} + 1 }`).join("\n"),
  ],
  [
    "array of 100,000 in reverse",
    `f([${series(100_000, String).join()}])`,
    `f([${series(100_000, (at) => String(99_999 - at)).join()}])`,
  ],
  [
    "nothing in common",
    series(5000, (at) => `a${at}(b${at} + ${at});`).join("\n"),
    series(5000, (at) => `class C${at} { m() { throw ${at} } }`).join("\n"),
  ],
];

async function benchHostile(): Promise<Table> {
  const parse = await loadParsers();
  const rows = hostile.map(([name, a, b]) => {
    const runs = series(5, String).map(() => timedDiff(parse, "x.ts", a, b));
    const ratios = runs.map(({ parseMs, matchMs, scriptMs }) => (matchMs + scriptMs) / parseMs);
    const { script } = runs.at(-1)!;
    return [
      name,
      digits(median(runs.map(({ parseMs }) => parseMs))),
      median(ratios).toFixed(2),
      countSteps(script),
    ];
  });
  return {
    title: "Hostile input",
    columns: ["input", "parse ms", "(match + script) / parse", "del/ins/upd/move"],
    rows,
    notes: [],
  };
}

const groups: Record<string, () => Promise<Table>> = {
  pairs: benchPairs,
  parsers: benchParsers,
  sizes: benchSizes,
  quality: benchQuality,
  mutants: benchMutants,
  formats: benchFormats,
  mangle: benchMangle,
  hostile: benchHostile,
};

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(groups);
installCorpora();
const tables: Table[] = [];
for (const name of names) {
  const table = await groups[name]?.();
  if (!table)
    throw new Error(`no group is called ${name}; there are ${Object.keys(groups).join(", ")}`);
  printTable(table);
  tables.push(table);
}
const folder = join(import.meta.dirname, "..", "..", ".council", "bench");
mkdirSync(folder, { recursive: true });
const file = join(folder, `diff-${new Date().toISOString().replaceAll(":", "-")}.json`);
writeFileSync(file, `${JSON.stringify({ machine: machine(), tables }, null, 2)}\n`);
console.log(`\nThe numbers are in ${file}`);
