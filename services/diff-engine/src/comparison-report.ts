import {
  type ChangeReport,
  diffFiles,
  type DiffResult,
  type FileDiff,
  type Readings,
  sideBySide,
  type SideBySide,
} from "@council/ast-diff";

/** One file of two versions, with its marked lines where they found room. */
export interface ReportedFile extends Omit<FileDiff, "operations"> {
  /** Operations of each kind. */
  readonly counts: Readonly<Record<string, number>>;
  readonly sides?: SideBySide;
}

export interface ReportedDiff extends Omit<DiffResult, "schema" | "files"> {
  readonly files: readonly ReportedFile[];
  /** Files whose lines were left out because the report would have become too large. */
  readonly withoutSides: number;
}

/** What a comparison found, for people to look at. No decision reads it. */
export interface ComparisonReport {
  readonly schema: "council.comparison/1";
  readonly change: ChangeReport & { readonly symbolsLeftOut: number };
  /** From the base to the candidate. */
  readonly patch: ReportedDiff;
  /** From render A to render B, where there are two. */
  readonly renders?: ReportedDiff;
}

interface Versions {
  readonly path: string;
  readonly a: string | undefined;
  readonly b: string | undefined;
}

/** Room for the marked lines of one diff, JSON characters. */
const maxSidesLength = 400_000;
/** Moves, renames and symbols listed. */
const maxListed = 500;

/** The change report, with as many symbols as a person may look through. */
export function reportChangeShown(report: ChangeReport): ComparisonReport["change"] {
  const { symbols } = report;
  return {
    ...report,
    symbols: symbols.slice(0, maxListed),
    symbolsLeftOut: Math.max(0, symbols.length - maxListed),
  };
}

/** Two versions of some files as lines with marks. */
export async function reportDiff(
  files: readonly Versions[],
  readings: Readings,
): Promise<ReportedDiff> {
  const texts = new Map(files.map((file) => [file.path, file]));
  const result = await diffFiles({ files, readings });
  const { schema: _, files: diffs, moves, renames, ...figures } = result;
  let left = maxSidesLength;
  let withoutSides = 0;
  const reported = diffs.map((diff): ReportedFile => {
    const { operations, ...file } = diff;
    const counts: Record<string, number> = {};
    for (const { kind } of operations) counts[kind] = (counts[kind] ?? 0) + 1;
    if (operations.length === 0) return { ...file, counts };
    const before = texts.get(diff.previousPath ?? diff.path)?.a ?? "";
    const sides = sideBySide(diff, before, texts.get(diff.path)?.b ?? "", { maxRows: 2000 });
    const { length } = JSON.stringify(sides);
    if (length > left) {
      withoutSides++;
      return { ...file, counts };
    }
    left -= length;
    return { ...file, counts, sides };
  });
  return {
    ...figures,
    moves: moves.slice(0, maxListed),
    renames: renames.slice(0, maxListed).map((rename) => ({ ...rename, a: [], b: [] })),
    files: reported,
    withoutSides,
  };
}
