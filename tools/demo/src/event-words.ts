import { holdSentence, recoveryWords } from "@council/domain";
import type { LedgerEntry } from "@council/contracts";

type PatchEvent = LedgerEntry["event"];
type EventOf<Type extends PatchEvent["type"]> = Extract<PatchEvent, { type: Type }>;

export type Tone = "plain" | "good" | "bad" | "faint";

export interface Words {
  readonly tone: Tone;
  readonly text: string;
}

const plain = (text: string): Words => ({ tone: "plain", text });
const good = (text: string): Words => ({ tone: "good", text });
const bad = (text: string): Words => ({ tone: "bad", text });
const faint = (text: string): Words => ({ tone: "faint", text });

/** An event in plain words for the timeline; undefined for what would only repeat its neighbours. */
export function eventWords(event: PatchEvent): Words | undefined {
  switch (event.type) {
    case "PatchSubmitted":
    case "RenderingStarted":
    case "RenderRecorded":
    case "RenderFailed":
    case "ComparisonStarted":
    case "ComparisonRecorded":
      return intakeWords(event);
    case "AuditStarted":
    case "VoteSealed":
    case "SealRefused":
    case "SeatsAsked":
    case "VotesUnsealed":
    case "VoteRecorded":
    case "VoteRefused":
    case "VerdictReached":
      return auditWords(event);
    case "LaneRequested":
    case "LandingStarted":
    case "Landed":
    case "BaseMoved":
    case "WatchStarted":
    case "WatchExtended":
    case "StagePassed":
      return landingWords(event);
    case "RevertStarted":
    case "RevertRequested":
    case "RollbackOverdue":
    case "Reverted":
    case "RevertBlocked":
    case "RecoveryJudged":
      return revertWords(event);
    default:
      return endingWords(event);
  }
}

type IntakeEvent = EventOf<
  | "PatchSubmitted"
  | "RenderingStarted"
  | "RenderRecorded"
  | "RenderFailed"
  | "ComparisonStarted"
  | "ComparisonRecorded"
>;

function intakeWords(event: IntakeEvent): Words | undefined {
  switch (event.type) {
    case "PatchSubmitted":
      return plain(`submitted by ${event.patch.author}`);
    case "RenderingStarted":
      return plain(`rendered independently by builder ${event.slots.join(" and builder ")}`);
    case "RenderRecorded":
      return event.render.provider === "author"
        ? undefined
        : faint(`builder ${event.render.slot} (${event.render.provider}) is done`);
    case "RenderFailed":
      return bad(`builder ${event.slot} failed: ${event.reason}`);
    case "ComparisonStarted":
      return undefined;
    case "ComparisonRecorded":
      return comparisonWords(event.comparison);
  }
}

function comparisonWords(comparison: EventOf<"ComparisonRecorded">["comparison"]): Words {
  if (comparison.kind === "refused") return bad(`cannot be compared: ${comparison.reason}`);
  const { variance, critical, candidate } = comparison;
  const files = candidate.paths.length === 1 ? "1 file" : `${candidate.paths.length} files`;
  const change = `${files}, risk tier ${candidate.tier}`;
  if (variance.kind === "unknown") return plain(`one render only (${change})`);
  if (critical.length > 0) return bad(`the two renders diverge: ${critical.join("; ")}`);
  return plain(`the two renders differ by ${percent(variance.high)} (${change})`);
}

type AuditEvent = EventOf<
  | "AuditStarted"
  | "SeatsAsked"
  | "VoteSealed"
  | "SealRefused"
  | "VotesUnsealed"
  | "VoteRecorded"
  | "VoteRefused"
  | "VerdictReached"
>;

function auditWords(event: AuditEvent): Words | undefined {
  switch (event.type) {
    case "AuditStarted": {
      const heads = event.seats.map((seat) => seat.head).join(", ");
      const kept = event.carried ? `; the votes of ${event.carried.join(", ")} carry over` : "";
      return plain(`audited by ${heads}: ${event.requirement.approvals} must approve${kept}`);
    }
    case "SeatsAsked":
      return plain(`not decided yet: ${event.heads.join(", ")} asked as well`);
    case "VoteSealed":
    case "VotesUnsealed":
      return undefined;
    case "VoteRecorded": {
      const { head, verdict, findings } = event.vote;
      const why = findings.map((finding) => finding.message).join("; ");
      const text = `${head}: ${verdict}${why && verdict !== "approve" ? ` (${why})` : ""}`;
      return verdict === "reject" ? bad(text) : faint(text);
    }
    case "SealRefused":
    case "VoteRefused":
      return bad(`the vote of ${event.head} does not count: ${event.reason}`);
    case "VerdictReached": {
      const { kind, reason } = event.verdict;
      return kind === "approved"
        ? good(`approved: ${reason.detail}`)
        : bad(`${kind}: ${reason.detail}`);
    }
  }
}

type LandingEvent = EventOf<
  | "LaneRequested"
  | "LandingStarted"
  | "Landed"
  | "BaseMoved"
  | "WatchStarted"
  | "WatchExtended"
  | "StagePassed"
>;

function landingWords(event: LandingEvent): Words | undefined {
  switch (event.type) {
    case "LaneRequested":
    case "LandingStarted":
      return undefined;
    case "Landed": {
      const { branch, commit, stage } = event.landing;
      return plain(`landed on ${branch} as ${commit.slice(0, 7)} (stage ${stage})`);
    }
    case "BaseMoved":
      return plain(`the branch moved to ${event.to.slice(0, 7)}: judged anew`);
    case "WatchStarted":
      return faint(`watched at stage ${event.stage}`);
    case "WatchExtended":
      return plain(`watched longer at stage ${event.stage}: ${event.observation.why}`);
    case "StagePassed":
      return good(`healthy at stage ${event.stage}: ${event.observation.why}`);
  }
}

type RevertEvent = EventOf<
  | "RevertStarted"
  | "RevertRequested"
  | "RollbackOverdue"
  | "Reverted"
  | "RevertBlocked"
  | "RecoveryJudged"
>;

function revertWords(event: RevertEvent): Words {
  switch (event.type) {
    case "RevertStarted":
      return bad(`taken back: ${whyReverted(event.cause)}`);
    case "RevertRequested":
      return bad(`to be taken back when its landing is done: ${whyReverted(event.cause)}`);
    case "RollbackOverdue":
      return bad(`not verifiably reverted within ${event.timeoutMs / 1000} s`);
    case "Reverted": {
      const places = event.reverts.map(({ branch, restored }) => `${branch} (${restored})`);
      return good(`reverted and verified on ${places.join(", ")}`);
    }
    case "RevertBlocked":
      return bad(`cannot be reverted without a person: ${event.reason}`);
    case "RecoveryJudged": {
      const { kind, why } = event.observation;
      return (kind === "healthy" ? good : bad)(`${recoveryWords[kind]}: ${why}`);
    }
  }
}

/** Why a patch was taken back, in one sentence with its numbers. */
export function whyReverted(cause: EventOf<"RevertStarted">["cause"]): string {
  return cause.kind === "breach" ? cause.observation.why : `${cause.actor} asked: ${cause.reason}`;
}

type EndingEvent = Exclude<PatchEvent, IntakeEvent | AuditEvent | LandingEvent | RevertEvent>;

function endingWords(event: EndingEvent): Words {
  switch (event.type) {
    case "Held":
      return bad(`held for a person: ${holdSentence(event.reason)}`);
    case "Approved":
      return good(`approved by ${event.actor}: ${event.reason}`);
    case "Denied":
      return bad(`denied by ${event.actor}: ${event.reason}`);
    case "BypassGranted":
      return plain(`let past freezes and limits by ${event.actor}: ${event.reason}`);
    case "Resumed":
      return plain("resumed");
    case "Settled":
      return good("settled: it stays");
    case "Rejected":
      return bad(`rejected: ${event.reason}`);
    case "Failed":
      return bad(`failed: ${event.reason}`);
    case "Superseded":
      return plain(`superseded by ${event.by}`);
    case "Withdrawn":
      return plain(`withdrawn by ${event.actor}: ${event.reason}`);
  }
}

function percent(ratio: number): string {
  return `${Number((ratio * 100).toFixed(2))} %`;
}
