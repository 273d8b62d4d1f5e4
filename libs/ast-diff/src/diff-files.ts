/**
 * The difference of two sets of files, node by node: what came, went, changed, moved (also from file
 * to file) or is called something else. The script it is drawn from has been carried out on A and
 * gave B exactly, or there is no result.
 */
import { startLimits } from "./caps.ts";
import type { EscalationReason, Limits } from "./caps.ts";
import { checkedScript } from "./checked-script.ts";
import type { FileVersion, Span } from "./comparison.ts";
import type { DiffInput, DiffResult, FileDiff } from "./diff-result.ts";
import { costOf, leastCost, matchEitherWay } from "./distance.ts";
import { findMoves } from "./find-moves.ts";
import { isSameButOrder } from "./hoisted-order.ts";
import { joinTrees } from "./join-trees.ts";
import type { JoinedTree } from "./join-trees.ts";
import { isScript, languageOf } from "./language.ts";
import { hasGrammar, loadReaders } from "./languages/load-readers.ts";
import { readText } from "./languages/read-text.ts";
import { isText, readNormalForm } from "./normal-form.ts";
import type { NormalForm } from "./normal-form.ts";
import { joinBindings, measureLevels } from "./levels.ts";
import { listOperations } from "./operations.ts";
import type { OperationInput } from "./operations.ts";
import { loadParsers } from "./parsers.ts";
import { createReadings } from "./readings.ts";
import { findRenames } from "./renames.ts";
import type { NamedTree } from "./renames.ts";
import { semanticSimilarity, TokenSimilarity } from "./similarity.ts";
import { withKinds } from "./tree-writer.ts";
import { createInterner, emptyTree, isSameSubtree } from "./tree.ts";
import type { Tree } from "./tree.ts";
import { withBindings } from "./without-names.ts";

type InputFile = DiffInput["files"][number];

/** A file both sides of which were read, and differ. */
interface ReadPair {
  readonly path: string;
  readonly textA: string;
  readonly textB: string;
  readonly a: Tree;
  readonly b: Tree;
}

type ReadVersion = (path: string, text: FileVersion, like?: Tree) => Tree | EscalationReason;

type ReadFile =
  | { readonly kind: "settled"; readonly file: FileDiff }
  | { readonly kind: "differs"; readonly pair: ReadPair };

/** The difference of the files given. Nothing is said about a file that cannot be read (P3). */
export async function diffFiles(input: DiffInput): Promise<DiffResult> {
  const limits = startLimits(input.caps);
  const inputs = input.files.toSorted((x, y) => (x.path < y.path ? -1 : Number(x.path > y.path)));
  await loadReaders(inputs.map(({ path }) => path));
  const parse = await loadParsers(input.parser);
  const isShared = input.parser === undefined || input.parser === "typescript-estree";
  const readings = (isShared ? input.readings : undefined) ?? createReadings();
  const { kinds } = readings;
  const refused = overPatchCap(inputs, limits);
  const read: ReadVersion = (path, text, like) => {
    if (text === undefined) return emptyTree;
    const known = readings.find(path, text);
    if (known) return known;
    // Not kept: what is read along a like text is for people to look at, no verdict rests on it.
    const form = hasGrammar(path)
      ? readNormalForm(parse, path, text, limits, readings.read, like)
      : readAsText(text, limits);
    return form.kind === "failed" ? form.reason : withKinds(form.tree, kinds);
  };
  const files = inputs.map((file) => readFile(file, refused, read));
  const pairs = files.flatMap((file) => (file.kind === "differs" ? [file.pair] : []));
  const compared = comparePairs(kinds, pairs);
  const settled = files.flatMap((file) => (file.kind === "settled" ? [file.file] : []));
  const all = [...settled, ...compared.files];
  const isWhole = settled.every(({ outcome }) => outcome !== "unread");
  return {
    schema: "council.diff/1",
    files: all.toSorted((x, y) => (x.path < y.path ? -1 : Number(x.path > y.path))),
    moves: compared.moves,
    renames: compared.renames,
    ...(isWhole ? { variance: compared.variance, atN2: compared.atN2, atN3: compared.atN3 } : {}),
    ...(input.hasSimilarity === false ? {} : similarityOf(inputs, pairs)),
  };
}

function overPatchCap(files: readonly InputFile[], { maxPatchBytes }: Limits): boolean {
  return (["a", "b"] as const).some(
    (side) =>
      files.reduce((sum, file) => sum + Buffer.byteLength(file[side] ?? ""), 0) > maxPatchBytes,
  );
}

function readAsText(text: string, limits: Limits): NormalForm {
  if (!isText(text)) return { kind: "failed", reason: "not-text" };
  if (Buffer.byteLength(text) > limits.maxFileBytes) return { kind: "failed", reason: "too-large" };
  return readText(text, limits);
}

function readFile(
  { path, a: textA, b: textB }: InputFile,
  isRefused: boolean,
  read: ReadVersion,
): ReadFile {
  const settled = (outcome: FileDiff["outcome"], reason?: EscalationReason): ReadFile => {
    const file = { path, language: languageOf(path), outcome, operations: [] };
    return { kind: "settled", file: reason ? { ...file, reason } : file };
  };
  if (textA === textB) return settled("identical");
  if (isRefused) return settled("unread", "too-large");
  const a = read(path, textA);
  if (typeof a === "string") return settled("unread", a);
  const b = read(path, textB, a);
  if (typeof b === "string") return settled("unread", b);
  const isSame = a.length > 0 && b.length > 0 && isSameSubtree(a, 0, b, 0);
  if (isSame) return settled("same-form");
  return { kind: "differs", pair: { path, textA: textA ?? "", textB: textB ?? "", a, b } };
}

/** The files of both sides matched as one tree each, so that code may move from any to any. */
function comparePairs(kinds: Tree["kinds"], pairs: readonly ReadPair[]) {
  const a = joinTrees(
    kinds,
    pairs.map(({ path, a: tree }) => ({ path, tree })),
  );
  const b = joinTrees(
    kinds,
    pairs.map(({ path, b: tree }) => ({ path, tree })),
  );
  const { partner, condensed, distance, levels, named } = matchFiles(pairs, a, b);
  const script = checkedScript(condensed, findRenames(...named, partner));
  const input: OperationInput = { files: pairs, a, b, partner, script };
  const listed = listOperations(input);
  // The roots and the nodes for files are no code.
  const nodes = pairs.reduce((sum, pair) => sum + pair.a.length + pair.b.length, 0);
  const ratio = (d: number) => (d === 0 ? 0 : Math.min(1, (2 * d) / (nodes + d)));
  const files = listed.files.map(({ pair, previousPath, list }) => {
    const isOrder = isScript(pair.path) && isSameButOrder(pair.a, pair.b);
    const isNames = list.every(({ kind }) => kind === "rename");
    const outcome = isOrder ? "same-but-order" : isNames ? "same-but-names" : "differs";
    return {
      path: pair.path,
      ...(previousPath === undefined ? {} : { previousPath }),
      language: languageOf(pair.path),
      outcome,
      operations: list,
    } satisfies FileDiff;
  });
  const varianceOf = ({ lo, hi }: Span) => ({
    ratio: [ratio(lo), ratio(hi)] as const,
    distance: { lo, hi },
  });
  return {
    files,
    moves: listed.moves,
    renames: listed.renames,
    variance: varianceOf(distance),
    atN2: varianceOf(levels.atN2),
    atN3: varianceOf(levels.atN3),
  };
}

function matchFiles(files: readonly ReadPair[], a: JoinedTree, b: JoinedTree) {
  const [x, y] = [a.tree, b.tree];
  const given = new Int32Array(x.length).fill(-1);
  given[0] = 0;
  const pairs = filePairs(a, b);
  for (const { i, j } of pairs) given[i] = j;
  const known = new Map<string, readonly number[]>();
  const matched = matchEitherWay(x, y, { pairs, given, known });
  const cost = costOf(x, y, matched.partner);
  const settled = cost === undefined ? given : matched.partner;
  const hi = cost ?? x.length + y.length - 2 * (1 + pairs.length);
  const lo = matched.isOptimal && cost !== undefined ? hi : Math.min(hi, leastCost(x, y));
  const distance = { lo, hi, partner: settled };
  const named = [
    nameJoined(files, a, ({ a: tree }) => tree),
    nameJoined(files, b, ({ b: tree }) => tree),
  ] as const;
  const levels = measureLevels(
    ...named,
    distance,
    (one, other) => matchEitherWay(one, other, { pairs, given }).partner,
  );
  const forScript =
    levels.partner === settled && matched.hasMoved
      ? matchEitherWay(x, y, { pairs, given, known, keepsMoved: true }).partner
      : levels.partner;
  return { ...findMoves(x, y, forScript), distance, levels, named };
}

/** One side with the bindings of its files. */
function nameJoined(
  files: readonly ReadPair[],
  { tree, fileNodes }: JoinedTree,
  side: (pair: ReadPair) => Tree,
): NamedTree {
  const parts = files.flatMap((pair, at) => {
    const fileNode = fileNodes[at] ?? -1;
    return fileNode < 0
      ? []
      : [{ named: withBindings(side(pair), pair.path), start: fileNode + 1 }];
  });
  return joinBindings(tree, parts);
}

/** Files of one path, then files that were only renamed, the first to the first. */
function filePairs(a: JoinedTree, b: JoinedTree): { i: number; j: number }[] {
  const pairs: { i: number; j: number }[] = [];
  const free = new Map<number, number[]>();
  a.fileNodes.forEach((i, at) => {
    const j = b.fileNodes[at] ?? -1;
    if (i >= 0 && j >= 0) pairs.push({ i, j });
    else if (j >= 0) {
      const key = b.tree.lo[j + 1] ?? 0;
      free.set(key, [...(free.get(key) ?? []), j]);
    }
  });
  a.fileNodes.forEach((i, at) => {
    if (i < 0 || (b.fileNodes[at] ?? -1) >= 0) return;
    const candidates = free.get(a.tree.lo[i + 1] ?? 0) ?? [];
    const place = candidates.findIndex((j) => isSameSubtree(a.tree, i + 1, b.tree, j + 1));
    const [j] = place < 0 ? [] : candidates.splice(place, 1);
    if (j !== undefined) pairs.push({ i, j });
  });
  // Pairs of renamed files may cross, which a tree edit distance does not allow.
  return inOrder(pairs);
}

function inOrder(pairs: readonly { i: number; j: number }[]): { i: number; j: number }[] {
  const kept: { i: number; j: number }[] = [];
  for (const pair of pairs.toSorted((one, other) => one.i - other.i))
    if (pair.j > (kept.at(-1)?.j ?? 0)) kept.push(pair);
  return kept;
}

/** Nothing where no text was read: two files nobody saw are not alike. */
function similarityOf(
  inputs: readonly InputFile[],
  pairs: readonly ReadPair[],
): Pick<DiffResult, "similarity"> {
  if (inputs.every(({ a, b }) => a === undefined && b === undefined)) return {};
  const tokens = new TokenSimilarity();
  for (const { a = "", b = "" } of inputs) tokens.add(a, b);
  const isRead = pairs.length > 0;
  const semantic = isRead ? { semantic: semanticSimilarity(pairs, createInterner()) } : {};
  return { similarity: { token: tokens.ratio(), ...semantic } };
}
