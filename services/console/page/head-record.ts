/** How each head has done over a number of patches: how often it voted, how fast, and with whom it agrees. */
import type { LedgerEntry } from "@council/contracts";
import type { Vote } from "@council/domain";

export interface HeadRecord {
  readonly head: string;
  readonly asked: number;
  readonly voted: number;
  readonly approved: number;
  readonly rejected: number;
  readonly abstained: number;
  readonly refused: number;
  /** From the start of the audit to the sealed vote, milliseconds; absent without a vote. */
  readonly medianMs?: number;
  readonly p95Ms?: number;
  /** Ratio of the votes that were on the side of the verdict. */
  readonly agreement?: number;
  readonly lastVoteAt?: number;
}

export interface HeadsRecord {
  readonly patches: number;
  readonly heads: readonly HeadRecord[];
}

interface Round {
  readonly startedAt: number;
  readonly seats: readonly string[];
  readonly sealedAt: Map<string, number>;
  readonly votes: Map<string, Vote["verdict"]>;
  readonly refused: Set<string>;
  verdict?: string;
}

/** Reads timelines, one per patch. */
export function recordHeads(timelines: readonly (readonly LedgerEntry[])[]): HeadsRecord {
  const rounds = timelines.flatMap(roundsOf);
  const names = [...new Set(rounds.flatMap(({ seats }) => seats))].toSorted();
  return {
    patches: timelines.filter((timeline) => timeline.some(isAuditStart)).length,
    heads: names.map((head) => recordOf(head, rounds)),
  };
}

const isAuditStart = ({ event }: LedgerEntry) => event.type === "AuditStarted";

function roundsOf(timeline: readonly LedgerEntry[]): Round[] {
  const rounds: Round[] = [];
  for (const { at, event } of timeline) {
    const round = rounds.at(-1);
    if (event.type === "AuditStarted") {
      rounds.push({
        startedAt: at,
        seats: event.seats.map(({ head }) => head),
        sealedAt: new Map(),
        votes: new Map(),
        refused: new Set(),
      });
    } else if (event.type === "VoteSealed") round?.sealedAt.set(event.head, at);
    else if (event.type === "VoteRecorded") round?.votes.set(event.vote.head, event.vote.verdict);
    else if (event.type === "VoteRefused" || event.type === "SealRefused")
      round?.refused.add(event.head);
    else if (event.type === "VerdictReached" && round) round.verdict = event.verdict.kind;
  }
  return rounds;
}

function recordOf(head: string, all: readonly Round[]): HeadRecord {
  const rounds = all.filter(({ seats }) => seats.includes(head));
  const verdicts = rounds.flatMap(({ votes }) => votes.get(head) ?? []);
  const count = (kind: Vote["verdict"]) => verdicts.filter((verdict) => verdict === kind).length;
  const times = rounds
    .flatMap(({ sealedAt, startedAt }) => {
      const at = sealedAt.get(head);
      return at === undefined ? [] : [at - startedAt];
    })
    .toSorted((a, b) => a - b);
  const sided = rounds.flatMap(({ votes, verdict }) => {
    const vote = votes.get(head);
    if (vote === undefined || vote === "abstain") return [];
    if (verdict === "approved" || verdict === "rejected")
      return [(vote === "approve") === (verdict === "approved")];
    return [];
  });
  const last = Math.max(...rounds.map(({ sealedAt }) => sealedAt.get(head) ?? 0));
  const median = times[Math.floor((times.length - 1) / 2)];
  const p95 = times[Math.ceil(times.length * 0.95) - 1];
  return {
    head,
    asked: rounds.length,
    voted: verdicts.length,
    approved: count("approve"),
    rejected: count("reject"),
    abstained: count("abstain"),
    refused: rounds.filter(({ refused }) => refused.has(head)).length,
    ...(median === undefined ? {} : { medianMs: median }),
    ...(p95 === undefined ? {} : { p95Ms: p95 }),
    ...(sided.length === 0 ? {} : { agreement: sided.filter(Boolean).length / sided.length }),
    ...(last > 0 ? { lastVoteAt: last } : {}),
  };
}
