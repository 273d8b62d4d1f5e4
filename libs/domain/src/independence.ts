/** How independent votes have been, and how alike their explanations are. Told, never decisive. */
import type { Vote } from "./quorum.ts";

export interface HeadPair {
  readonly heads: readonly [string, string];
  /** Rounds in which both approved or rejected. */
  readonly rounds: number;
  /** Share of them in which both said the same, 0–1. */
  readonly agreementRatio: number;
  /** Phi coefficient of approvals, -1 to 1; absent while one of them always said the same. */
  readonly correlation?: number;
}

export interface Independence {
  readonly pairs: readonly HeadPair[];
  /** As how many independent votes those of all heads count; absent while too little is known. */
  readonly effectiveVotes?: number;
  readonly method: string;
}

/** Fewer common rounds say nothing about a pair. */
const leastRounds = 20;
const method =
  "n / (1 + (n - 1) r): n heads, r the mean phi coefficient of their approvals, at least 0 (Kish's design effect)";

/**
 * Measured from past rounds, one list of votes each. Good changes that all approve make heads look alike,
 * so this is a lower bound where most changes are good.
 */
export function independenceOf(rounds: readonly (readonly Vote[])[]): Independence {
  const cast = rounds.map(
    (votes) =>
      new Map(
        votes
          .filter(({ verdict }) => verdict !== "abstain")
          .map(({ head, verdict }) => [head, verdict === "approve"] as const),
      ),
  );
  const heads = [...new Set(cast.flatMap((votes) => [...votes.keys()]))].sort();
  const pairs = heads.flatMap((one, at) =>
    heads.slice(at + 1).map((other) => pairOf(one, other, cast)),
  );
  const known = pairs.flatMap(({ rounds: common, correlation }) =>
    common >= leastRounds && correlation !== undefined ? [correlation] : [],
  );
  if (heads.length < 2 || known.length < pairs.length) return { pairs, method };
  const mean = Math.max(0, known.reduce((sum, each) => sum + each, 0) / known.length);
  return { pairs, method, effectiveVotes: heads.length / (1 + (heads.length - 1) * mean) };
}

function pairOf(
  one: string,
  other: string,
  rounds: readonly ReadonlyMap<string, boolean>[],
): HeadPair {
  const counts = { both: 0, one: 0, other: 0, none: 0 };
  for (const votes of rounds) {
    const [first, second] = [votes.get(one), votes.get(other)];
    if (first === undefined || second === undefined) continue;
    counts[first ? (second ? "both" : "one") : second ? "other" : "none"] += 1;
  }
  const { both, none } = counts;
  const common = both + counts.one + counts.other + none;
  const spread =
    (both + counts.one) * (counts.other + none) * (both + counts.other) * (counts.one + none);
  const correlation = (both * none - counts.one * counts.other) / Math.sqrt(spread);
  return {
    heads: [one, other],
    rounds: common,
    agreementRatio: common > 0 ? (both + none) / common : 0,
    ...(spread > 0 ? { correlation } : {}),
  };
}

export interface ExplanationAgreement {
  readonly method: string;
  /** Mean over all pairs of heads, 0–1; absent with fewer than two votes. */
  readonly ratio?: number;
}

/** How far the heads name the same things: rule and path of their findings, compared pair by pair. */
export function explanationAgreement(votes: readonly Vote[]): ExplanationAgreement {
  const named = votes
    .filter(({ verdict }) => verdict !== "abstain")
    .map(({ findings }) => new Set(findings.map(({ ruleId, path = "" }) => `${ruleId} ${path}`)));
  const ratios = named.flatMap((one, at) =>
    named.slice(at + 1).map((other) => jaccard(one, other)),
  );
  const jaccardMethod = "mean Jaccard index of (rule, path) over pairs of heads";
  if (ratios.length === 0) return { method: jaccardMethod };
  const ratio = ratios.reduce((sum, each) => sum + each, 0) / ratios.length;
  return { method: jaccardMethod, ratio };
}

function jaccard(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const all = new Set([...one, ...other]).size;
  const shared = [...one].filter((name) => other.has(name)).length;
  return all === 0 ? 1 : shared / all;
}
