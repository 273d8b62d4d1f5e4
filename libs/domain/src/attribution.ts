/** Which of several live patches is the likeliest cause of harm that was seen on the branch they share. */
import type { Claim } from "./claim.ts";
import { matchesPattern } from "./path-pattern.ts";

/** A live patch, as far as it can be blamed. */
export interface Suspect {
  readonly patchId: string;
  /** When it landed on the branch, milliseconds since the epoch. */
  readonly landedAt: number;
  readonly claim: Claim;
  /** Upper end of the variance of its renders, 0-1; 1 when unknown. */
  readonly variance: number;
}

/** What was seen, and what the metric measures where the rule says so: patterns of paths, or symbols. */
export interface Harm {
  readonly at: number;
  readonly touches: readonly string[];
}

export interface Suspicion {
  readonly patchId: string;
  readonly score: number;
  readonly why: string;
}

/**
 * Each suspect with its score and the reasons for it, likeliest first (P5). What touches what the metric
 * measures comes before all else (4); then the newest landing before the harm was seen (2, 1, 2/3, ...
 * by rank); then a change of code before one of documents (1/2); then renders that disagreed (up to 1/4).
 * Who landed after the harm was seen cannot have caused it, and is named last. Equal scores go by the
 * newer landing, then by name: the same suspects always give the same order.
 */
export function rankSuspects(suspects: readonly Suspect[], harm: Harm): Suspicion[] {
  const newestFirst = suspects.toSorted(
    (one, other) => other.landedAt - one.landedAt || (one.patchId < other.patchId ? -1 : 1),
  );
  const before = newestFirst.filter(({ landedAt }) => landedAt <= harm.at);
  return newestFirst
    .map((suspect) => suspicionOf(suspect, before.indexOf(suspect), harm))
    .toSorted((one, other) => other.score - one.score);
}

function suspicionOf(suspect: Suspect, rank: number, harm: Harm): Suspicion {
  const { patchId, claim, variance } = suspect;
  if (rank < 0) return { patchId, score: 0, why: "landed after the harm was seen" };
  const touched = harm.touches.find((each) => isTouched(claim, each));
  const parts = [
    ...(touched === undefined ? [] : [{ score: 4, why: `touches ${touched}` }]),
    { score: 2 / (rank + 1), why: rank === 0 ? "landed last" : `landed ${rank} before the last` },
    ...(claim.tier === "docs" ? [] : [{ score: 0.5, why: `tier ${claim.tier}` }]),
    { score: variance / 4, why: `variance up to ${Number((variance * 100).toFixed(2))} %` },
  ];
  const score = parts.reduce((sum, part) => sum + part.score, 0);
  return { patchId, score, why: parts.map(({ why }) => why).join(", ") };
}

const isTouched = ({ paths, symbols }: Claim, touches: string) =>
  symbols.includes(touches) || paths.some((path) => matchesPattern(path, touches));
