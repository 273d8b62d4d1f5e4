import type { LedgerEntry } from "@council/contracts";
import { whyReverted } from "./event-words.ts";
import type { DemoPatch } from "./patches/demo-patch.ts";

/** What the ledger has said about one patch so far. */
export interface PatchRecord {
  readonly patchId: string;
  /** The stage and time of its newest landing. */
  readonly landing?: { readonly stage: string; readonly at: number };
  readonly takenBack?: {
    readonly at: number;
    readonly why: string;
    /** Absent when a person asked for it. */
    readonly breach?: { readonly stage: string; readonly metric: string | undefined };
  };
  /** Absent while it goes on. */
  readonly ending?: { readonly kind: string; readonly at: number; readonly detail: string };
  /** What was measured after a breach was taken back. */
  readonly recovery?: "healthy" | "breach" | "inconclusive" | "watching";
}

/** Nothing more is to come: of a breach that was taken back it is known, too, whether that helped. */
export const isOver = ({ ending, takenBack, recovery }: PatchRecord): boolean =>
  ending !== undefined &&
  (ending.kind !== "reverted" || !takenBack?.breach || recovery !== undefined);

/** Adds an entry of the patch to what is known. */
export function recordEntry(record: PatchRecord, { event, at }: LedgerEntry): PatchRecord {
  switch (event.type) {
    case "Landed":
      return { ...record, landing: { stage: event.landing.stage, at } };
    case "RevertStarted":
      return { ...record, takenBack: takenBack(event.cause, at) };
    case "Settled":
      return ended(record, "settled", at, "every stage was healthy");
    case "Reverted":
      return ended(record, "reverted", at, record.takenBack?.why ?? "");
    case "RecoveryJudged":
      return { ...record, recovery: event.observation.kind };
    case "RevertBlocked":
    case "Rejected":
    case "Failed":
      return ended(record, event.type.toLowerCase(), at, event.reason);
    case "Held":
      return ended(record, "held", at, event.reason.kind);
    case "Superseded":
    case "Withdrawn":
      return ended(record, event.type.toLowerCase(), at, "");
    default:
      return record;
  }
}

type Cause = Extract<LedgerEntry["event"], { type: "RevertStarted" }>["cause"];

function takenBack(cause: Cause, at: number): NonNullable<PatchRecord["takenBack"]> {
  const why = whyReverted(cause);
  if (cause.kind === "request") return { at, why };
  const { ruleId, readings } = cause.observation;
  const metric = readings.find((reading) => reading.ruleId === ruleId)?.metric;
  return { at, why, breach: { stage: cause.stage, metric } };
}

function ended(record: PatchRecord, kind: string, at: number, detail: string): PatchRecord {
  return { ...record, ending: { kind, at, detail } };
}

/** What differs from the ending the patch must have, in words; empty when it ended as it should. */
export function endingFaults(patch: DemoPatch, record: PatchRecord | undefined): string[] {
  const { ending } = patch;
  if (record?.ending === undefined) return [`${patch.key}: has not ended`];
  if (record.ending.kind !== ending.kind)
    return [
      `${patch.key}: ${record.ending.kind} (${record.ending.detail}) where ${ending.kind} was due`,
    ];
  if (ending.kind === "settled") return [];
  return breachFaults(patch.key, ending, record);
}

function breachFaults(
  key: string,
  due: Extract<DemoPatch["ending"], { kind: "reverted" }>,
  { takenBack: { breach } = { at: 0, why: "" }, recovery }: PatchRecord,
): string[] {
  const { metric = "another reason", stage = "none" } = breach ?? {};
  return [
    ...(recovery === "breach" ? [`${key}: harm went on after the revert`] : []),
    ...(metric === due.metric ? [] : [`${key}: taken back for ${metric}, not ${due.metric}`]),
    ...(stage === due.stage ? [] : [`${key}: breached at stage ${stage}, not ${due.stage}`]),
  ];
}
