import type { GitId, Sha256 } from "./patch/patch.ts";
import type { Suspension } from "./budget/spend-ledger.ts";
import type { Seat } from "./policy.ts";

/** One thing an auditor found. A hard finding is a veto that nothing outvotes (P10). */
export interface Finding {
  readonly ruleId: string;
  /** A `question` is for a person: what is approved beside one lands only when a person says so. */
  readonly severity: "info" | "warning" | "question" | "error";
  readonly isHard: boolean;
  readonly path?: string;
  readonly line?: number;
  readonly message: string;
  readonly remedy?: string;
  /** The waiver that keeps it from holding anything up; never of a hard finding. */
  readonly waivedBy?: string;
}

/** What a vote is signed for beside the candidate's digest: with any of these another it counts nowhere. */
export interface VoteBinding {
  readonly base: GitId;
  readonly tree: GitId;
  readonly semanticDigest: Sha256;
  /** SHA-256 over the policy the patch is judged by. */
  readonly policyDigest: Sha256;
}

/** What one head says about exactly one candidate. */
export interface Vote {
  readonly patchId: string;
  readonly head: string;
  readonly digest: Sha256;
  readonly binding: VoteBinding;
  readonly nonce: string;
  readonly verdict: "approve" | "reject" | "abstain";
  readonly findings: readonly Finding[];
  /** SHA-256 over the structured findings and the digest. */
  readonly metaHash: Sha256;
  readonly expiresAt: number;
  /** It abstains because it could not pay for an answer. */
  readonly suspension?: Omit<Suspension, "head">;
  /**
   * P6: the candidate it counts for in place of the one it was signed for, which means the same. Never
   * part of what a head signs.
   */
  readonly rebound?: Sha256;
}

/** The candidate a vote counts for. */
export const boundTo = ({ digest, rebound }: Vote): Sha256 => rebound ?? digest;

/** How many approvals are asked for, and why. */
export interface Requirement {
  readonly approvals: number;
  readonly reasons: readonly string[];
}

/** One line of a verdict, with the lines it rests on. */
export interface Reason {
  readonly name: string;
  readonly holds: boolean;
  readonly detail: string;
  readonly because: readonly Reason[];
}

/** What the seats decided together, with the tree that explains it (P5). */
export interface Verdict {
  readonly kind: "approved" | "rejected" | "undecided";
  readonly reason: Reason;
}

/**
 * Counts the votes of one round. An approval by a model of the family that wrote the change counts only
 * beside that of another family's model: models favour what reads like their own.
 *
 * P2: only a vote for exactly `digest` by a head that holds a seat counts, once per head.
 * P3: a missing vote is no vote; it neither approves nor rejects.
 * P10: one hard finding rejects, whatever the others say; a head that must vote is waited for.
 * P11: nor is such a head outvoted. Others may be talked round by what a patch says; then a person decides.
 */
export function verdictOf(input: {
  readonly seats: readonly Seat[];
  readonly votes: readonly Vote[];
  readonly requirement: Requirement;
  readonly digest: Sha256;
  /** Family of the builder whose render is voted on. */
  readonly authorFamily?: string;
}): Verdict {
  const lines = input.seats.map((seat) => seatLine(seat, input.votes, input.digest));
  const counted = lines.flatMap((line) => (line.vote ? [line.vote] : []));
  const approving = counted.filter((vote) => vote.verdict === "approve").map(({ head }) => head);
  const partial = partialHeads(input.seats, approving, input.authorFamily);
  const unseen = unseenHeads(counted).filter((head) => !partial.includes(head));
  const approvals = approving.length - partial.length - unseen.length;
  const rejections = counted.filter((vote) => vote.verdict === "reject").length;
  const vetoes = counted.filter((vote) => vote.findings.some((finding) => finding.isHard));
  const silent = silentHeads(input);
  const opposed = opposedHeads(input.seats, counted);
  const { approvals: needed, reasons } = input.requirement;

  const because: Reason[] = [
    ...lines
      .map((line) => line.reason)
      .sort((left, right) => Number(left.holds) - Number(right.holds)),
    unlessAny("no veto", vetoes, (vote) => `${vote.head} vetoes`, "no hard finding"),
    unlessAny("heads that must vote", silent, (head) => `${head} has not voted`, "all have voted"),
    unlessAny(
      "heads that cannot be outvoted",
      opposed,
      (head) => `${head} rejects`,
      "none rejects",
    ),
    ...(partial.length > 0 ? [notIndependent(partial)] : []),
    ...(unseen.length > 0 ? [notOnThisTree(unseen)] : []),
    {
      name: "approvals",
      holds: approvals >= needed,
      detail: `${approvals} of ${needed} needed${reasons.length > 0 ? ` (${reasons.join("; ")})` : ""}`,
      because: [],
    },
  ];
  const say = (kind: Verdict["kind"], detail: string): Verdict => ({
    kind,
    reason: { name: "quorum", holds: kind === "approved", detail, because },
  });
  if (vetoes.length > 0) return say("rejected", "a hard rule was broken");
  if (approvals >= needed && opposed.length > 0)
    return say("undecided", `${opposed.join(", ")} rejects and cannot be outvoted`);
  if (approvals >= needed && silent.length === 0)
    return say("approved", `${approvals} heads approve exactly this candidate`);
  const reachable = input.seats.length - rejections;
  if (rejections > 0 && reachable < needed) return say("rejected", `${rejections} heads reject`);
  if (approvals >= needed) return say("undecided", `${silent.join(", ")} must vote and has not`);
  return say("undecided", `${approvals} of ${needed} approvals, ${rejections} rejections`);
}

/** Approving models of the author's family, while no model of another family approves. */
function partialHeads(
  seats: readonly Seat[],
  approving: readonly string[],
  authorFamily: string | undefined,
): readonly string[] {
  const models = seats.filter(({ head, isModel }) => isModel && approving.includes(head));
  const isShared = models.some(({ family }) => family !== authorFamily);
  return isShared ? [] : models.map(({ head }) => head);
}

const notIndependent = (heads: readonly string[]): Reason => ({
  name: "independence",
  holds: false,
  detail: `${heads.join(", ")} is of the family that wrote the change and counts only beside another model`,
  because: [],
});

/**
 * P2, P6: approvals that were carried over while nobody approves this very tree. They say that the change
 * means what it meant; that it is still good where it now stands, a head has to find anew.
 */
function unseenHeads(votes: readonly Vote[]): readonly string[] {
  const approving = votes.filter(({ verdict }) => verdict === "approve");
  const isSeen = approving.some(({ rebound }) => rebound === undefined);
  return isSeen ? [] : approving.map(({ head }) => head);
}

/** How many heads approve this candidate, at least one of them having seen its tree. */
export function approvalsOf(votes: readonly Vote[], digest: Sha256): number {
  const own = votes.filter((vote) => boundTo(vote) === digest);
  const approving = own.filter(({ verdict }) => verdict === "approve");
  return approving.length - unseenHeads(own).length;
}

const notOnThisTree = (heads: readonly string[]): Reason => ({
  name: "this tree",
  holds: false,
  detail: `${heads.join(", ")} approved the same change on another base, and nobody has on this one`,
  because: [],
});

/** A line that holds while nothing speaks against it. */
function unlessAny<Each>(
  name: string,
  against: readonly Each[],
  tell: (each: Each) => string,
  otherwise: string,
): Reason {
  const detail = against.map(tell).join(", ") || otherwise;
  return { name, holds: against.length === 0, detail, because: [] };
}

/** P11: the heads that must vote and reject; others may be talked round by what a patch says. */
const opposedHeads = (seats: readonly Seat[], counted: readonly Vote[]) =>
  seats.flatMap(({ head, mustVote }) =>
    mustVote && counted.some((vote) => vote.head === head && vote.verdict === "reject")
      ? [head]
      : [],
  );

/**
 * The heads that must vote and have neither approved nor rejected this candidate. P10: a veto that
 * never came because its head was silent, or abstained, must not turn into a landing.
 */
export function silentHeads(input: {
  readonly seats: readonly Seat[];
  readonly votes: readonly Vote[];
  readonly digest: Sha256;
}): string[] {
  const isCast = (head: string) =>
    input.votes.some(
      (vote) => vote.head === head && boundTo(vote) === input.digest && vote.verdict !== "abstain",
    );
  return input.seats.flatMap(({ head, mustVote }) => (mustVote && !isCast(head) ? [head] : []));
}

function seatLine(
  seat: Seat,
  votes: readonly Vote[],
  digest: Sha256,
): { reason: Reason; vote?: Vote } {
  const own = votes.find((vote) => vote.head === seat.head);
  const line = (holds: boolean, detail: string): Reason => ({
    name: seat.head,
    holds,
    detail,
    because: [],
  });
  if (!own) return { reason: line(false, "no vote") };
  if (boundTo(own) !== digest)
    return { reason: line(false, "voted on another candidate: not counted") };
  const waived = ({ waivedBy }: Finding) =>
    waivedBy === undefined ? "" : ` (waived: ${waivedBy})`;
  const dissent = own.findings
    .map((finding) => `${finding.ruleId}${waived(finding)}: ${finding.message}`)
    .join("; ");
  const said = own.rebound === undefined ? own.verdict : `${own.verdict}, carried over`;
  return {
    reason: line(own.verdict === "approve", dissent ? `${said} (${dissent})` : said),
    vote: own,
  };
}
