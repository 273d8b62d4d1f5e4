/** What states and events are called on the page. Text only: whatever stands in here is never markup. */
import { type Comparison, holdSentence, type PatchEvent, type RevertCause } from "@council/domain";
import type { PatchKind } from "./api.ts";

export type Tone = "idle" | "flight" | "good" | "warn" | "bad";
export type GroupId = "attention" | "flight" | "reverted" | "settled" | "refused";

export interface KindWords {
  readonly label: string;
  readonly tone: Tone;
  readonly group: GroupId;
  /** A shape beside the colour, so that nothing is said by colour alone. */
  readonly mark: string;
  /** How far it has come: 1 rendering, 2 comparing, 3 audit, 4 landing, 5 watching, 6 settled. */
  readonly step: number;
}

/** Per state: its name, its colour and shape, and the group it is listed in. */
export const kinds: Readonly<Record<PatchKind, KindWords>> = {
  accepted: { label: "Accepted", tone: "flight", group: "flight", mark: "○", step: 0 },
  submitted: { label: "Submitted", tone: "flight", group: "flight", mark: "○", step: 0 },
  rendering: { label: "Rendering", tone: "flight", group: "flight", mark: "◔", step: 1 },
  comparing: { label: "Comparing", tone: "flight", group: "flight", mark: "◔", step: 2 },
  auditing: { label: "In audit", tone: "flight", group: "flight", mark: "◑", step: 3 },
  landing: { label: "Landing", tone: "flight", group: "flight", mark: "◕", step: 4 },
  watching: { label: "Watching", tone: "flight", group: "flight", mark: "◉", step: 5 },
  reverting: { label: "Reverting", tone: "bad", group: "flight", mark: "↩", step: 5 },
  held: { label: "Held", tone: "warn", group: "attention", mark: "‖", step: 4 },
  "revert-blocked": {
    label: "Revert blocked",
    tone: "warn",
    group: "attention",
    mark: "!",
    step: 5,
  },
  settled: { label: "Settled", tone: "good", group: "settled", mark: "✓", step: 6 },
  reverted: { label: "Reverted", tone: "bad", group: "reverted", mark: "↩", step: 5 },
  rejected: { label: "Rejected", tone: "bad", group: "refused", mark: "✕", step: 3 },
  failed: { label: "Failed", tone: "bad", group: "refused", mark: "✕", step: 2 },
  superseded: { label: "Superseded", tone: "idle", group: "refused", mark: "»", step: 0 },
  withdrawn: { label: "Withdrawn", tone: "idle", group: "refused", mark: "–", step: 0 },
};

/** The groups in the order they are shown; the first ones ask for a person. */
export const groups: readonly {
  readonly id: GroupId;
  readonly title: string;
  readonly short: string;
  readonly tone: Tone;
}[] = [
  { id: "attention", title: "Needs a person", short: "Needs a person", tone: "warn" },
  { id: "flight", title: "In flight", short: "In flight", tone: "flight" },
  { id: "reverted", title: "Reverted", short: "Reverted", tone: "bad" },
  { id: "settled", title: "Settled", short: "Settled", tone: "good" },
  { id: "refused", title: "Did not land", short: "Not landed", tone: "idle" },
];

export function kindOf(kind: string): KindWords {
  return Object.hasOwn(kinds, kind)
    ? kinds[kind as PatchKind]
    : { label: kind, tone: "idle", group: "flight", mark: "○", step: 0 };
}

/** The state an event leads to; events that are missing here change nothing in the list. */
const kindAfter: { readonly [Type in PatchEvent["type"]]?: PatchKind } = {
  PatchSubmitted: "submitted",
  RenderingStarted: "rendering",
  ComparisonStarted: "comparing",
  AuditStarted: "auditing",
  Held: "held",
  LaneRequested: "landing",
  LandingStarted: "landing",
  WatchStarted: "watching",
  RevertStarted: "reverting",
  Reverted: "reverted",
  RevertBlocked: "revert-blocked",
  Settled: "settled",
  Rejected: "rejected",
  Failed: "failed",
  Superseded: "superseded",
  Withdrawn: "withdrawn",
};

export function stateAfter(type: string): PatchKind | undefined {
  return Object.hasOwn(kindAfter, type) ? kindAfter[type as PatchEvent["type"]] : undefined;
}

/** Why a patch is taken back, in one sentence. */
export function causeSentence(cause: RevertCause): string {
  return cause.kind === "breach"
    ? `${cause.stage}: ${cause.observation.why}`
    : `${cause.actor} asked: ${cause.reason}`;
}

/** The reason an event gives for the state it leads to; undefined when it gives none. */
export function whyOf(event: PatchEvent): string | undefined {
  switch (event.type) {
    case "RevertStarted":
      return causeSentence(event.cause);
    case "Held":
      return holdSentence(event.reason);
    case "Rejected":
    case "Failed":
    case "RevertBlocked":
      return event.reason;
    case "Superseded":
      return `a newer revision took over: ${event.by}`;
    case "Withdrawn":
      return `taken back by ${event.actor}: ${event.reason}`;
    default:
      return undefined;
  }
}

export const short = (id: string) => id.slice(0, 10);
const percent = (ratio: number) => `${(ratio * 100).toFixed(ratio > 0 && ratio < 0.1 ? 1 : 0)} %`;

/** The structural distance of the two renders, in words. */
export function varianceText(comparison: Comparison): string {
  if (comparison.kind !== "compared") return `refused: ${comparison.reason}`;
  const { variance } = comparison;
  if (variance.kind === "unknown") return `not measured: ${variance.reason}`;
  return variance.low === variance.high
    ? percent(variance.high)
    : `${percent(variance.low)} to ${percent(variance.high)}`;
}

export interface EventWords {
  readonly what: string;
  readonly more: string;
  readonly tone: Tone;
}

type Line = readonly [what: string, more?: string, tone?: Tone];
type Lines = {
  readonly [Type in PatchEvent["type"]]?: (event: Extract<PatchEvent, { type: Type }>) => Line;
};

const votes = { approve: "approves", reject: "rejects", abstain: "abstains" } as const;

/** One line per event: what happened, more about it, and its colour. */
const lines: Lines = {
  PatchSubmitted: ({ patch }) => ["Submitted", `by ${patch.author}, through ${patch.sender}`],
  RenderingStarted: ({ slots }) => ["Rendering started", `builders ${slots.join(" and ")}`],
  RenderRecorded: ({ render }) => [
    `Render ${render.slot.toUpperCase()} is in`,
    `from ${render.provider}`,
  ],
  RenderFailed: ({ slot, reason }) => [`Render ${slot.toUpperCase()} failed`, reason, "warn"],
  ComparisonStarted: ({ base }) => ["Comparing", `against ${short(base)}`],
  ComparisonRecorded: ({ comparison }) => ["Compared", `variance ${varianceText(comparison)}`],
  AuditStarted: ({ candidate, requirement, seats, carried }) => [
    "Audit started",
    `${candidate.tier} change, ${requirement.approvals} approvals needed of ${seats.length}` +
      (carried ? `; carried over: ${carried.join(", ")}` : ""),
  ],
  SeatsAsked: ({ heads }) => ["Not decided yet", `${heads.join(", ")} asked as well`],
  VoteSealed: ({ head }) => [`${head} has voted`, "sealed"],
  SealRefused: ({ head, reason }) => [`The seal of ${head} was refused`, reason, "warn"],
  VotesUnsealed: ({ absent }) => [
    "Votes unsealed",
    absent.length > 0 ? `without ${absent.join(", ")}` : "",
  ],
  VoteRecorded: ({ vote }) => [
    `${vote.head} ${votes[vote.verdict]}`,
    vote.findings.map(({ message }) => message).join("; "),
    vote.verdict === "reject" ? "bad" : "idle",
  ],
  VoteRefused: ({ head, reason }) => [`The vote of ${head} does not count`, reason, "warn"],
  VerdictReached: ({ verdict }) => [
    `Verdict: ${verdict.kind}`,
    verdict.reason.detail,
    ({ approved: "good", rejected: "bad", undecided: "warn" } as const)[verdict.kind],
  ],
  Held: ({ reason }) => ["Held", holdSentence(reason), "warn"],
  Approved: ({ actor, reason }) => [`Approved by ${actor}`, reason, "good"],
  Denied: ({ actor, reason }) => [`Denied by ${actor}`, reason, "bad"],
  BypassGranted: ({ actor, reason }) => [`Let past freezes and limits by ${actor}`, reason, "warn"],
  Resumed: () => ["Resumed"],
  LaneRequested: ({ stage }) => [`Waiting for its turn on ${stage}`],
  LandingStarted: ({ stage }) => [`Landing on ${stage}`],
  Landed: ({ landing }) => [
    `Landed on ${landing.branch}`,
    `commit ${short(landing.commit)}, tree as audited`,
    "good",
  ],
  BaseMoved: ({ from, to }) => ["The branch moved on", `${short(from)} to ${short(to)}`],
  WatchStarted: ({ stage }) => [`Watching on ${stage}`],
  WatchExtended: ({ stage, observation }) => [
    `Watched longer on ${stage}`,
    observation.why,
    "warn",
  ],
  StagePassed: ({ stage, observation }) => [`Healthy on ${stage}`, observation.why, "good"],
  RevertStarted: ({ cause }) => ["Taking it back", causeSentence(cause), "bad"],
  RevertRequested: ({ cause }) => ["To be taken back", causeSentence(cause), "bad"],
  RollbackOverdue: ({ timeoutMs }) => ["The revert is late", `after ${timeoutMs} ms`, "warn"],
  Reverted: ({ reverts }) => [
    "Reverted and verified",
    reverts
      .map(({ branch, commit, restored }) => `${branch} at ${short(commit)} (${restored})`)
      .join(", "),
    "bad",
  ],
  RevertBlocked: ({ reason }) => ["The revert needs a person", reason, "warn"],
  RecoveryJudged: ({ observation: { kind, why } }) =>
    kind === "healthy"
      ? ["Recovered after the revert", why, "good"]
      : kind === "breach"
        ? ["Harm goes on after the revert", why, "bad"]
        : ["Recovery not shown", why, "warn"],
  Settled: () => ["Settled: it stays", "", "good"],
  Rejected: ({ reason }) => ["Rejected", reason, "bad"],
  Failed: ({ reason }) => ["Failed", reason, "bad"],
  Superseded: ({ by }) => ["A newer revision took over", by],
  Withdrawn: ({ actor, reason }) => [`Withdrawn by ${actor}`, reason],
};

export function describe(event: PatchEvent): EventWords {
  const line = Object.hasOwn(lines, event.type)
    ? (lines[event.type] as ((known: PatchEvent) => Line) | undefined)
    : undefined;
  const [what, more = "", tone = "idle"] = line?.(event) ?? [event.type];
  return { what, more, tone };
}
