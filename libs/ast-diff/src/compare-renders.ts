import { startLimits } from "./caps.ts";
import type { Limits } from "./caps.ts";
import type {
  Comparison,
  Divergence,
  FileComparison,
  RenderedFile,
  RenderInput,
  Span,
} from "./comparison.ts";
import { matchEitherWay, measureDistance } from "./distance.ts";
import type { Distance } from "./distance.ts";
import { findDivergences } from "./divergences.ts";
import { createForest } from "./forest.ts";
import type { Forest, Refusal } from "./forest.ts";
import { isSameButOrder } from "./hoisted-order.ts";
import { languageOf } from "./language.ts";
import { hasGrammar, loadReaders } from "./languages/load-readers.ts";
import { measureLevels } from "./levels.ts";
import type { Levels } from "./levels.ts";
import { isText } from "./normal-form.ts";
import { loadParsers } from "./parsers.ts";
import type { NamedTree } from "./renames.ts";
import { emptyTree } from "./tree.ts";
import type { Tree } from "./tree.ts";
import { withBindings } from "./without-names.ts";

const maxListed = 100;
const defaultThresholdRatio = 0.03;
const none: Span = { lo: 0, hi: 0 };
const same: Spans = { n1: none, n2: none, n3: none };

/** A distance at each level of the normal form. */
interface Spans {
  readonly n1: Span;
  readonly n2: Span;
  readonly n3: Span;
}

interface ComparedFile {
  readonly file: FileComparison;
  readonly spans: Spans;
  readonly critical: readonly Divergence[];
}

interface Session {
  readonly forest: Forest;
  readonly limits: Limits;
}

/**
 * How far two renders of one task are apart: V = 2·d(A,B) / (d(base,A) + d(base,B) + d(A,B)), where d
 * is the tree edit distance over all touched files together (the Steinhaus transform of d about the
 * base). 0 when the normal forms are equal, 1 when the changes share nothing. V is given as an
 * interval certain to hold it, and passes only when all of it is within the threshold and no
 * critical divergence is found. What cannot be fully read is never given a ratio (P3).
 */
export async function compareRenders(input: RenderInput): Promise<Comparison> {
  const limits = startLimits(input.caps);
  const thresholdRatio = input.thresholdRatio ?? defaultThresholdRatio;
  const files = input.files.toSorted((x, y) => (x.path < y.path ? -1 : Number(x.path > y.path)));
  const refusal = findRefusal(files, limits);
  if (refusal) return unmeasured(refusal);
  if (files.every((file) => file.a === file.b)) {
    const compared = files.map((file) => compareIdentical(file));
    return decide(compared, undefined, thresholdRatio, 0);
  }

  await loadReaders(files.map(({ path }) => path));
  const forest = createForest(await loadParsers(), limits, input.readings);
  const session = { forest, limits };
  const compared: ComparedFile[] = [];
  for (const file of files) {
    const outcome = file.a === file.b ? compareIdentical(file) : compareFile(file, session);
    if ("reason" in outcome) return unmeasured(outcome);
    compared.push(outcome);
  }
  const isApart = compared.some(({ file }) => file.ab.hi > 0);
  const base = isApart ? measureBase(files, session) : undefined;
  if (base && "reason" in base) return unmeasured(base);
  return decide(compared, base, thresholdRatio, forest.nodeCount());
}

function unmeasured({ reason, path }: Refusal): Comparison {
  return {
    kind: "unmeasured",
    verdict: "escalate",
    reason,
    ...(path === undefined ? {} : { path }),
  };
}

/** What must not or cannot be measured, seen before anything is parsed. */
function findRefusal(files: readonly RenderedFile[], limits: Limits): Refusal | undefined {
  for (const { path, a, b } of files) {
    // Bytes lost in decoding may make two files look equal that are not.
    if (a?.includes("\uFFFD") || b?.includes("\uFFFD")) return { reason: "not-text", path };
    if (a === b) continue;
    if (![a, b].every((text) => text === undefined || isText(text)))
      return { reason: "not-text", path };
    if (!hasGrammar(path)) return { reason: "no-grammar", path };
  }
  if (files.every(({ a, b }) => a === b)) return undefined;
  for (const side of ["base", "a", "b"] as const) {
    const sizeBytes = files.reduce((all, file) => all + Buffer.byteLength(file[side] ?? ""), 0);
    if (sizeBytes > limits.maxPatchBytes) return { reason: "too-large" };
  }
  return undefined;
}

function compared(
  path: string,
  outcome: FileComparison["outcome"],
  spans: Spans,
  critical: readonly Divergence[] = [],
): ComparedFile {
  return { file: { path, language: languageOf(path), outcome, ab: spans.n1 }, spans, critical };
}

function compareIdentical({ path }: RenderedFile): ComparedFile {
  return compared(path, "identical", same);
}

function compareFile(file: RenderedFile, session: Session): ComparedFile | Refusal {
  const { forest, limits } = session;
  const { path } = file;
  const refusal = forest.load(path, file.a) ?? forest.load(path, file.b);
  if (refusal) return refusal;
  if (limits.isOver()) return { reason: "timeout", path };
  const a = forest.treeOf(path, file.a);
  const b = forest.treeOf(path, file.b);
  const ab = measureDistance(a, b);
  if (ab.hi === 0) return compared(path, "same-form", same);
  if (a === emptyTree || b === emptyTree) {
    const side = a === emptyTree ? "b" : "a";
    return compared(path, "differs", spansOf(ab), [{ path, category: "file", [side]: "the file" }]);
  }
  if (isSameButOrder(a, b)) return compared(path, "same-but-order", same);
  const named = [withBindings(a, path), withBindings(b, path)] as const;
  const spans = spansOf(ab, levelsOf(...named, ab, limits));
  const outcome = spans.n2.hi === 0 ? "same-but-names" : "differs";
  return compared(path, outcome, spans, findDivergences(path, ...named, ab.partner));
}

const matchNodes = (x: Tree, y: Tree) => matchEitherWay(x, y, {}).partner;

/** Whole files come and go alike at every level. */
function spansOf({ lo, hi }: Span, levels?: Pick<Levels, "atN2" | "atN3">): Spans {
  const n1 = { lo, hi };
  return { n1, n2: levels?.atN2 ?? n1, n3: levels?.atN3 ?? n1 };
}

/** What is shown alone is not worth more time than there is: it is then known from above only. */
function levelsOf(
  x: NamedTree,
  y: NamedTree,
  n1: Distance,
  limits: Limits,
): Pick<Levels, "atN2" | "atN3"> {
  const unknown = { lo: 0, hi: n1.hi };
  if (limits.isOver()) return { atN2: unknown, atN3: unknown };
  return measureLevels(x, y, n1, matchNodes);
}

function measureSpans(path: string, x: Tree, y: Tree, limits: Limits): Spans {
  const n1 = measureDistance(x, y);
  if (n1.hi === 0 || x === emptyTree || y === emptyTree) return spansOf(n1);
  const [one, other] = [withBindings(x, path), withBindings(y, path)];
  return spansOf(n1, levelsOf(one, other, n1, limits));
}

/** Distances of both renders to the base, over the files that have a grammar. */
function measureBase(
  files: readonly RenderedFile[],
  { forest, limits }: Session,
): { a: Spans; b: Spans } | Refusal {
  const spans: { a: Spans[]; b: Spans[] } = { a: [], b: [] };
  for (const { path, base, a, b } of files) {
    // Equal files without a grammar take no part: leaving a shared change out only raises V.
    if (!hasGrammar(path) || (base === a && a === b)) continue;
    const refusal = forest.load(path, base) ?? forest.load(path, a) ?? forest.load(path, b);
    if (refusal) return refusal;
    if (limits.isOver()) return { reason: "timeout", path };
    const from = forest.treeOf(path, base);
    const toA = measureSpans(path, from, forest.treeOf(path, a), limits);
    spans.a.push(toA);
    spans.b.push(a === b ? toA : measureSpans(path, from, forest.treeOf(path, b), limits));
  }
  return { a: total(spans.a), b: total(spans.b) };
}

function decide(
  comparedFiles: readonly ComparedFile[],
  base: { a: Spans; b: Spans } | undefined,
  thresholdRatio: number,
  comparedNodes: number,
): Comparison {
  const between = total(comparedFiles.map(({ spans }) => spans));
  const { n1: ab } = between;
  const at = (level: keyof Spans) =>
    base ? varianceOf(between[level], base.a[level], base.b[level]) : ([0, 0] as const);
  const interval = at("n1");
  const critical = comparedFiles.flatMap((entry) => entry.critical);
  const isWithin = interval[1] <= thresholdRatio;
  return {
    kind: "measured",
    varianceRatio: interval[1],
    interval,
    verdict: isWithin && critical.length === 0 ? "pass" : "escalate",
    critical: critical.slice(0, maxListed),
    files: comparedFiles.map(({ file }) => file),
    facts: {
      thresholdRatio,
      ab,
      ...(base ? { baseA: base.a.n1, baseB: base.b.n1 } : {}),
      atN2: { ab: between.n2, interval: at("n2") },
      atN3: { ab: between.n3, interval: at("n3") },
      criticalCount: critical.length,
      isDecided: isWithin || interval[0] > thresholdRatio,
      comparedNodes,
    },
  };
}

/** V rises with the distance between the renders and falls with those to the base. */
function varianceOf(ab: Span, baseA: Span, baseB: Span): readonly [number, number] {
  const ratio = (between: number, a: number, b: number) =>
    between === 0 ? 0 : Math.min(1, (2 * between) / (a + b + between));
  return [ratio(ab.lo, baseA.hi, baseB.hi), ratio(ab.hi, baseA.lo, baseB.lo)];
}

function total(all: readonly Spans[]): Spans {
  const sum = (level: keyof Spans) => ({
    lo: all.reduce((lo, spans) => lo + spans[level].lo, 0),
    hi: all.reduce((hi, spans) => hi + spans[level].hi, 0),
  });
  return { n1: sum("n1"), n2: sum("n2"), n3: sum("n3") };
}
