/** The engine taken apart, so that each phase can be timed. */
import {
  applyScript,
  costOf,
  createKindTable,
  createScript,
  createSyntaxReader,
  findMoves,
  isSameSubtree,
  matchEitherWay,
  startLimits,
} from "@council/ast-diff/testing";
import type { KindTable, Parse, ScriptStep, Tree } from "@council/ast-diff/testing";

export const limits = startLimits({
  maxFileBytes: 1e9,
  maxNodes: 1e9,
  maxDepth: 1e9,
  timeBudgetMs: 1e9,
});

export interface Timed {
  readonly parseMs: number;
  readonly readMs: number;
  readonly matchMs: number;
  readonly scriptMs: number;
  readonly a: Tree;
  readonly b: Tree;
  readonly script: readonly ScriptStep[];
}

export interface TimedRead {
  readonly tree: Tree;
  readonly parseMs: number;
  readonly readMs: number;
}

export function timedRead(parse: Parse, path: string, text: string, kinds: KindTable): TimedRead {
  const start = performance.now();
  const parsed = parse(path, text);
  const afterParse = performance.now();
  if (parsed.kind === "failed") throw new Error(`${path}: ${parsed.reason}`);
  const tree = createSyntaxReader(kinds)(parsed.program, text, limits);
  const readMs = performance.now() - afterParse;
  if (typeof tree === "string") throw new Error(`${path}: ${tree}`);
  return { tree, parseMs: afterParse - start, readMs };
}

/** One diff of one pair; the script is checked by carrying it out. */
export function timedDiff(parse: Parse, path: string, textA: string, textB: string): Timed {
  const kinds = createKindTable();
  const a = timedRead(parse, path, textA, kinds);
  const b = timedRead(parse, path, textB, kinds);
  const start = performance.now();
  const partner = matchPair(a.tree, b.tree);
  const afterMatch = performance.now();
  const script = createScript(a.tree, b.tree, partner);
  const made = applyScript(a.tree, script);
  if (!isSameSubtree(made, 0, b.tree, 0)) throw new Error("the script does not give B");
  return {
    parseMs: a.parseMs + b.parseMs,
    readMs: a.readMs + b.readMs,
    matchMs: afterMatch - start,
    scriptMs: performance.now() - afterMatch,
    a: a.tree,
    b: b.tree,
    script,
  };
}

/** The matching the script is made from, as `diffFiles` makes it. */
export function matchPair(a: Tree, b: Tree): Int32Array {
  const plain = matchEitherWay(a, b, {});
  const chosen = plain.hasMoved ? matchEitherWay(a, b, { keepsMoved: true }) : plain;
  if (costOf(a, b, plain.partner) === undefined) throw new Error("no edit script");
  return findMoves(a, b, chosen.partner);
}

export function countSteps(script: readonly ScriptStep[]): string {
  const counts = { delete: 0, insert: 0, update: 0, move: 0, rename: 0 };
  for (const { kind } of script) counts[kind]++;
  return `${counts.delete}/${counts.insert}/${counts.update}/${counts.move}`;
}
