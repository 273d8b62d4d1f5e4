/**
 * P6: which votes outlive the base they were given on. A model is shown the difference of the touched files
 * and nothing else; where that difference means what it meant, asking again would only be another throw of
 * the dice. So its vote counts for the new tree as well. Heads that look further than the difference, rules
 * and tests, vote again, and without an approval among those no carried one counts (P2).
 *
 * What would have to be shown again is: the same text of the diff, the same meaning of every touched file
 * before and after it (the semantic digest), and the same facts that set tier and quorum. Any other
 * difference voids all votes. Only a round that ended in approval is carried, with its dissent: a reject
 * that was outvoted is not asked until it approves, and a vote that has run out is asked for again.
 */
import type { Seat } from "../policy.ts";
import { boundTo, type Verdict, type Vote } from "../quorum.ts";
import type { Comparison } from "./patch.ts";

/** The last round of a patch, as it ended. */
export interface EndedRound {
  readonly comparison?: Comparison;
  readonly verdict?: Verdict;
  readonly votes: readonly Vote[];
}

/** The heads whose votes of that round count for what `comparison` brought as well. Pure. */
export function carriedHeads(
  ended: EndedRound,
  comparison: Comparison & { kind: "compared" },
  seats: readonly Seat[],
  now: number,
): readonly string[] {
  const before = ended.comparison;
  if (before?.kind !== "compared" || ended.verdict?.kind !== "approved") return [];
  if (!isSameChange(before, comparison)) return [];
  // Somebody has to vote on the new tree itself.
  if (seats.every(({ isModel }) => isModel)) return [];
  const { semanticDigest } = comparison.candidate;
  return seats.flatMap(({ head, isModel }) => {
    const vote = ended.votes.find((each) => each.head === head);
    const isCarried =
      isModel &&
      vote !== undefined &&
      vote.verdict !== "abstain" &&
      boundTo(vote) === before.candidate.digest &&
      vote.binding.semanticDigest === semanticDigest &&
      vote.expiresAt >= now;
    return isCarried ? [head] : [];
  });
}

/** Whether a model would be shown the same, and as many would have to agree. */
function isSameChange(
  one: Comparison & { kind: "compared" },
  other: Comparison & { kind: "compared" },
): boolean {
  const factsOf = ({ candidate, variance, critical }: Comparison & { kind: "compared" }) => {
    const { diff, semanticDigest, tier, riskTags, paths } = candidate;
    const measured =
      variance.kind === "measured" ? [variance.low, variance.high] : [variance.reason];
    return JSON.stringify([diff, semanticDigest, tier, riskTags, paths, measured, critical]);
  };
  return factsOf(one) === factsOf(other);
}
