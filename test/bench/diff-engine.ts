/** The engine taken apart, so that each phase can be timed. */
import {
  checkedScript,
  costOf,
  createKindTable,
  createSyntaxReader,
  findMoves,
  matchEitherWay,
  startLimits,
} from "@council/ast-diff/testing";
import type { Condensed, Parse, ReadSyntax, ScriptStep, Tree } from "@council/ast-diff/testing";
import { median } from "./report.ts";

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

export function timedRead(
  parse: Parse,
  path: string,
  text: string,
  read: ReadSyntax,
  like?: Tree,
): TimedRead {
  const start = cpuMs();
  const parsed = parse(path, text);
  const afterParse = cpuMs();
  if (parsed.kind === "failed") throw new Error(`${path}: ${parsed.reason}`);
  const tree = read(parsed.program, text, limits, like);
  const readMs = cpuMs() - afterParse;
  if (typeof tree === "string") throw new Error(`${path}: ${tree}`);
  return { tree, parseMs: afterParse - start, readMs };
}

/** One diff of one pair; the script is checked by carrying it out. */
export function timedDiff(parse: Parse, path: string, textA: string, textB: string): Timed {
  const read = createSyntaxReader(createKindTable());
  const a = timedRead(parse, path, textA, read);
  const b = timedRead(parse, path, textB, read, a.tree);
  const start = cpuMs();
  const matched = matchPair(a.tree, b.tree);
  const afterMatch = cpuMs();
  const script = checkedScript(matched);
  return {
    parseMs: a.parseMs + b.parseMs,
    readMs: a.readMs + b.readMs,
    matchMs: afterMatch - start,
    scriptMs: cpuMs() - afterMatch,
    a: a.tree,
    b: b.tree,
    script,
  };
}

export interface DiffCost {
  readonly nodes: number;
  readonly totalMs: number;
  /** Over the parse alone. */
  readonly ratio: number;
}

/** Medians of several diffs of one pair; the first third only warms the process up. */
export function costOfDiff(
  parse: Parse,
  path: string,
  textA: string,
  textB: string,
  runs: number,
): DiffCost {
  const all = Array.from({ length: runs }, () => timedDiff(parse, path, textA, textB));
  const results = all.slice(Math.floor(runs / 3));
  const last = results.at(-1)!;
  return {
    nodes: last.a.length + last.b.length,
    totalMs: median(results.map(totalOf)),
    ratio: median(results.map((run) => totalOf(run) / run.parseMs)),
  };
}

export function totalOf({ parseMs, readMs, matchMs, scriptMs }: Timed): number {
  return parseMs + readMs + matchMs + scriptMs;
}

/** The matching the script is made from, as `diffFiles` makes it. */
export function matchPair(a: Tree, b: Tree): Condensed {
  const known = new Map<string, readonly number[]>();
  const plain = matchEitherWay(a, b, { known });
  if (costOf(a, b, plain.partner) === undefined) throw new Error("no edit script");
  const moving = { known, keepsMoved: true };
  const { partner: chosen } = plain.hasMoved ? matchEitherWay(a, b, moving) : plain;
  return findMoves(a, b, chosen).condensed;
}

/** Code is read as a module in TypeScript, which reads JavaScript too; sizes stay comparable so. */
export const asPath = (file: string) => file.replace(/\.[cm]?js$/, ".ts");

export function processorMsOf(work: () => unknown): number {
  const start = cpuMs();
  work();
  return cpuMs() - start;
}

/** Processor time of this process so far, all threads; other work on the machine has no part in it. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

export function countSteps(script: readonly ScriptStep[]): string {
  const counts = { delete: 0, insert: 0, update: 0, move: 0, rename: 0 };
  for (const { kind } of script) counts[kind]++;
  return `${counts.delete}/${counts.insert}/${counts.update}/${counts.move}`;
}
