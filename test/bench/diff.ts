/**
 * What the AST diff costs and how good it is, beside its peers on the same trees:
 * `npm run bench:diff [pairs|parsers|sizes|service|quality|mutants|formats|mangle|hostile ...]`. Corpora are installed from npm into
 * `.council/corpora` the first time. Nothing here passes or fails; times are medians.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  TreeWriter,
  checkedScript,
  costOf,
  createKindTable,
  createSyntaxReader,
  labelOf,
  loadParsers,
  measureDistance,
  planExactMatch,
  sizeOf,
  typeOf,
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
  totalOf,
} from "./diff-engine.ts";
import { benchHostile } from "./diff-hostile.ts";
import { benchMangle } from "./diff-mangle.ts";
import { benchFormats, benchMutants } from "./diff-oracles.ts";
import { benchService } from "./diff-service.ts";
import { benchParsers, benchSizes } from "./diff-sizes.ts";
import { chawatheScript } from "./gumtree-script.ts";
import type { ScriptCounts } from "./gumtree-script.ts";
import { matchGumTreeSimple } from "./gumtree-simple.ts";
import { peerTreeOf } from "./gumtree-tree.ts";
import type { PeerNode } from "./gumtree-tree.ts";
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

function timedPeer(x: PeerNode, y: PeerNode): { ms: number; script: ScriptCounts } {
  let script: ScriptCounts | undefined;
  const ms = processorMsOf(() => {
    script = chawatheScript(x, y, matchGumTreeSimple(x, y));
  });
  return { ms, script: script! };
}

const countsOf = (script: ScriptCounts) =>
  `${script.delete}/${script.insert}/${script.update}/${script.move}`;

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
  const child = fileURLToPath(new URL("diff-plain-parse.ts", import.meta.url));
  const plain = JSON.parse(
    execFileSync(process.execPath, [child], { encoding: "utf8" }),
  ) as number[];
  const textDiff = (await import(pathToFileURL(corpusPath("diff/libesm/index.js")).href)) as {
    diffLines: (a: string, b: string, options: { timeout: number }) => unknown;
  };
  const rows: string[][] = [];
  for (const [at, { name, a, b }] of pairs.entries()) {
    const [textA, textB] = [corpusText(a), corpusText(b)];
    const plainMs = plain[at]!;
    const isLarge = textA.length > 5e6;
    // The first two warm the process up.
    const runs = Array.from({ length: isLarge ? 3 : 9 }, () =>
      timedDiff(parse, asPath(a), textA, textB),
    ).slice(isLarge ? 0 : 2);
    const last = runs.at(-1)!;
    const parseMs = median(runs.map((run) => run.parseMs));
    const totals = runs.map((run) => totalOf(run) / run.parseMs);
    const beside = runs.map((run) => totalOf(run) / plainMs);
    const nodes = last.a.length + last.b.length;
    let peer = ["-", "-", "-"];
    if (nodes <= peerNodes) {
      // What it works out about each node beforehand is not counted, as hashes are not for Council.
      const [x, y] = [peerTreeOf(last.a), peerTreeOf(last.b)];
      const times = runs.slice(0, 3).map(() => timedPeer(x, y));
      const own = runs.map(() => processorMsOf(() => checkedScript(matchPair(last.a, last.b))));
      const ownMs = median(own);
      const peerMs = median(times.map(({ ms }) => ms));
      peer = [digits(peerMs), `${digits(peerMs / ownMs)}x`, countsOf(times[0]!.script)];
    }
    const gitTime = await gitMs(a, b);
    const linesMs = processorMsOf(() => textDiff.diffLines(textA, textB, { timeout: 20_000 }));
    rows.push([
      name,
      digits((textA.length + textB.length) / 1e6),
      digits(nodes),
      digits(plainMs),
      digits(parseMs),
      digits(median(runs.map(({ readMs }) => readMs))),
      digits(median(runs.map(({ matchMs }) => matchMs))),
      digits(median(runs.map(({ scriptMs }) => scriptMs))),
      median(totals).toFixed(2),
      median(beside).toFixed(2),
      countSteps(last.script),
      ...peer,
      digits(gitTime),
      digits(linesMs),
    ]);
  }
  return {
    title: "Two versions of real files (ms of processor time; git: of wall time)",
    columns: [
      ..."pair|MB|nodes|plain parse|parse|read|match|script|total/parse|/plain".split("|"),
      "del/ins/upd/move",
      ..."GumTree-simple|beside match+script|its script|git histogram|npm diff lines".split("|"),
    ],
    rows,
    notes: [
      "Both sides; parse is typescript-estree and Babel's check is left out. script: written, carried out and compared with B.",
      "beside match+script: both on trees that are there, without a parse before.",
      "plain parse: typescript-estree called as it is documented, in another process; /plain divides by it; parse: as the engine calls it.",
      `GumTree-simple: our plain implementation, trees of objects, match and Chawathe's script, up to ${digits(peerNodes)} nodes.`,
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
    const read = createSyntaxReader(createKindTable());
    const x = timedRead(parse, asPath(a), corpusText(a), read).tree;
    const y = timedRead(parse, asPath(b), corpusText(b), read).tree;
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

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);

async function benchQuality(): Promise<Table> {
  const functions = await changedFunctions();
  const results = { own: [] as number[], peer: [] as number[], exact: [] as number[] };
  let [unequal, outside, decided, tight] = [0, 0, 0, 0];
  for (const [x, y] of functions) {
    const exact = exactCost(x, y);
    const there = checkedScript(matchPair(x, y)).length;
    const back = checkedScript(matchPair(y, x)).length;
    if (there !== back) unequal++;
    const { lo, hi } = measureDistance(x, y);
    if (exact < lo || exact > hi) outside++;
    if (lo === hi) tight++;
    const ratio = (d: number) => (2 * d) / (x.length + y.length + d);
    if (ratio(hi) <= 0.03 || ratio(lo) > 0.03) decided++;
    results.exact.push(exact);
    results.own.push(there);
    const { script } = timedPeer(peerTreeOf(x), peerTreeOf(y));
    results.peer.push(sum(Object.values(script)));
  }
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

const groups: Record<string, () => Promise<Table>> = {
  pairs: benchPairs,
  parsers: benchParsers,
  sizes: benchSizes,
  service: benchService,
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
