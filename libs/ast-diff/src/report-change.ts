import { isTierAbove } from "@council/domain";
import type { Tier } from "@council/domain";
import { startLimits } from "./caps.ts";
import type { EscalationReason, Limits } from "./caps.ts";
import type {
  ChangedFile,
  ChangeInput,
  ChangeReport,
  FileChange,
  SymbolChange,
} from "./change-report.ts";
import type { FileVersion } from "./comparison.ts";
import { createForest } from "./forest.ts";
import type { Forest } from "./forest.ts";
import { isScript, languageOf } from "./language.ts";
import { hasGrammar, loadReaders } from "./languages/load-readers.ts";
import { isText } from "./normal-form.ts";
import { loadParsers } from "./parsers.ts";
import { destroysData, losesLines, riskOfPath } from "./path-risk.ts";
import type { PathRisk } from "./path-risk.ts";
import { tagsOfFeatures, tagsOfText } from "./risk-tags.ts";
import { alphaDigestOf, digestOf, isReordered } from "./semantic-digest.ts";
import type { DigestSide } from "./semantic-digest.ts";
import { changedSymbols, relateSymbols } from "./symbols.ts";
import type { ComparedSymbol } from "./symbols.ts";
import { changedFeatures } from "./touches.ts";
import type { Feature, FeatureKind } from "./touches.ts";
import { createInterner } from "./tree.ts";
import type { Interner } from "./tree.ts";

/** All that one file adds to the report. */
interface FileReport {
  readonly file: FileChange;
  readonly tier: Tier;
  readonly tags: readonly string[];
  readonly symbols: readonly ComparedSymbol[];
  readonly features: readonly Feature[];
  readonly unknown?: EscalationReason;
  readonly digest?: { readonly base: DigestSide; readonly candidate: DigestSide } | undefined;
}

/**
 * What a candidate does to its base: changed symbols, touched features, risk and a digest that stays
 * the same under reformatting. Nothing is taken from what a patch says about itself, only from its
 * paths and syntax (P11). What cannot be read is listed, and counts as destructive.
 */
export async function reportChange(input: ChangeInput): Promise<ChangeReport> {
  const limits = startLimits(input.caps);
  const files = input.files.toSorted((x, y) => (x.path < y.path ? -1 : Number(x.path > y.path)));
  const changed = files.filter(({ base, candidate }) => base !== candidate);
  const isCode = changed.some(({ path }) => hasGrammar(path));
  await loadReaders(changed.map(({ path }) => path));
  const forest = isCode ? createForest(await loadParsers(), limits, input.readings) : undefined;
  const interner = createInterner();
  const isTooLarge = (["base", "candidate"] as const).some(
    (side) =>
      files.reduce((sum, file) => sum + Buffer.byteLength(file[side] ?? ""), 0) >
      limits.maxPatchBytes,
  );
  const reports = files.map((file) =>
    file.base === file.candidate
      ? unchanged(file)
      : reportFile(file, isTooLarge ? undefined : forest, interner, limits),
  );
  return assemble(reports);
}

function unchanged({ path }: ChangedFile): FileReport {
  const file = { path, change: "unchanged", language: languageOf(path), parsed: false } as const;
  return { file, tier: "docs", tags: [], symbols: [], features: [] };
}

function reportFile(
  file: ChangedFile,
  forest: Forest | undefined,
  interner: Interner,
  limits: Limits,
): FileReport {
  const text = reportText(file);
  const { path, base, candidate } = file;
  if (!hasGrammar(path)) return text;
  // Without a forest the patch as a whole is over its size cap.
  const reason = forest ? loadBoth(file, forest, limits) : "too-large";
  if (!forest || reason) {
    const tags = [...text.tags, "unparsed"];
    return {
      ...text,
      tier: worst(text.tier, "destructive"),
      tags,
      ...(reason ? { unknown: reason } : {}),
    };
  }

  const before = forest.treeOf(path, base);
  const after = forest.treeOf(path, candidate);
  if (interner.idsOf(before)[0] === interner.idsOf(after)[0]) return reformatted(text);
  if (base !== undefined && candidate !== undefined && isReordered(before, after))
    return { ...text, file: { ...text.file, change: "reordered", parsed: true }, ...noDigest };
  const language = isScript(path) ? "script" : "other";
  const features = changedFeatures(before, after, interner, language);
  const tags = [...text.tags, ...tagsOfFeatures(features)];
  return {
    file: { ...text.file, parsed: true },
    tier: tags.includes("data-destroying") ? "data" : text.tier,
    tags,
    symbols: changedSymbols(path, before, after, interner),
    features,
    digest: {
      base: base === undefined ? undefined : before,
      candidate: candidate === undefined ? undefined : after,
    },
  };
}

/** Other bytes, same program. Comments are documentation, except where tools take orders from them. */
function reformatted(text: FileReport): FileReport {
  const { tags } = text;
  const file = { ...text.file, change: "reformatted", parsed: true } as const;
  const tier = text.tier === "service" && tags.length === 0 ? "docs" : text.tier;
  return { file, tier, tags, symbols: [], features: [] };
}

function loadBoth(
  { path, base, candidate }: ChangedFile,
  forest: Forest,
  limits: Limits,
): EscalationReason | undefined {
  const refusal = forest.load(path, base) ?? forest.load(path, candidate);
  return refusal?.reason ?? (limits.isOver() ? "timeout" : undefined);
}

/** What can be said of a changed file without parsing it. */
function reportText({ path, base, candidate }: ChangedFile): FileReport {
  const risk = riskOfPath(path);
  const isReadable = [base, candidate].every((text) => text === undefined || isText(text));
  const unknown = isReadable ? (risk.isUnknown ? "no-grammar" : undefined) : "not-text";
  const losses = lossTags(risk, base, candidate);
  const tags = [...losses, ...tagsOfText(base ?? "", candidate ?? "")];
  if (risk.tag) tags.push(risk.tag);
  const atLeast = losses.includes("data-destroying")
    ? "data"
    : unknown || losses.length > 0
      ? "destructive"
      : "docs";
  const change = base === undefined ? "added" : candidate === undefined ? "removed" : "changed";
  return {
    file: { path, change, language: languageOf(path), parsed: false },
    tier: worst(risk.tier, atLeast),
    tags,
    symbols: [],
    features: [],
    ...(unknown ? { unknown } : {}),
    digest: { base, candidate },
  };
}

function lossTags(risk: PathRisk, base: FileVersion, candidate: FileVersion): string[] {
  if (candidate === undefined) return ["deletes-file"];
  if (!risk.holdsData) return [];
  const isLossy = risk.tag === "schema" && losesLines(base ?? "", candidate);
  return isLossy || destroysData(candidate) ? ["data-destroying"] : [];
}

function worst(one: Tier, other: Tier): Tier {
  return isTierAbove(one, other) ? one : other;
}

/** A file that means what it meant adds nothing to the digest. */
const noDigest = { digest: undefined } as const;

const effects: readonly ChangeReport["semver"][] = ["none", "patch", "minor", "major"];

function semverOf(
  symbols: readonly SymbolChange[],
  files: readonly FileChange[],
  isKnown: boolean,
): ChangeReport["semver"] {
  // What cannot be read may break anything.
  if (!isKnown) return "major";
  const isChanged = files.some(
    ({ change }) => !/^(?:unchanged|reformatted|reordered)$/.test(change),
  );
  const levels = symbols.map(({ effect }) => effects.indexOf(effect));
  return effects[Math.max(isChanged ? 1 : 0, ...levels)] ?? "major";
}

function assemble(reports: readonly FileReport[]): ChangeReport {
  const symbols = relateSymbols(reports.flatMap((report) => report.symbols));
  const files = reports.map((report) => report.file);
  const unknown = reports.flatMap(({ file, unknown: reason }) =>
    reason ? [{ path: file.path, reason }] : [],
  );
  const features = reports.flatMap((report) => report.features);
  const named = (kind: FeatureKind) =>
    sorted(features.filter((entry) => entry.kind === kind).map(({ name }) => name));
  const semver = semverOf(symbols, files, unknown.length === 0);
  const isBreaking = symbols.some(({ effect }) => effect === "major");
  const tags = reports.flatMap((report) => report.tags);
  const digested = reports.flatMap(({ file, digest }) =>
    digest ? [{ path: file.path, ...digest }] : [],
  );
  return {
    symbols,
    touches: {
      calls: named("call"),
      imports: named("import"),
      throws: changedCount(features, "throw"),
      conditions: changedCount(features, "condition"),
      literals: changedCount(features, "literal"),
    },
    publicApi: semver === "major" ? "breaking" : semver === "minor" ? "compatible" : "none",
    semver,
    riskTags: sorted(isBreaking ? [...tags, "public-api"] : tags),
    tier: reports.map((report) => report.tier).reduce(worst, "docs"),
    semanticDigest: digestOf(digested),
    alphaDigest: alphaDigestOf(digested),
    files,
    unknown,
  };
}

/** One replaced by another counts once. */
function changedCount(features: readonly Feature[], kind: FeatureKind): number {
  const counts = features.filter((entry) => entry.kind === kind).map(({ count }) => count);
  const add = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + Math.abs(value), 0);
  return Math.max(
    add(counts.filter((count) => count > 0)),
    add(counts.filter((count) => count < 0)),
  );
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].toSorted();
}
