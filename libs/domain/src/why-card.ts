/**
 * Why a patch was taken back, read from its own ledger and nothing else: the same entries give the
 * same card, byte for byte (P5). Nothing is looked up, measured or judged anew.
 */
import type { Interval } from "./observation/interval.ts";
import type { Metric, Rule } from "./observation/rule.ts";
import type { PatchEvent, PatchEventType, RevertCause } from "./patch/event.ts";
import type { Patch, Revert } from "./patch/patch.ts";
import { recoveryWords } from "./patch/recovery.ts";
import { sentence } from "./patch/decide-revert.ts";

/** What the card reads of a ledger entry. */
export interface HistoryEntry {
  /** Position in the patch's own history, from 1. */
  readonly sequence: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly event: PatchEvent;
  /** Digest of the entry, which proves its place in the chain. */
  readonly digest?: string;
}

/** The measurement that took the patch back, in the metric's unit. */
export interface WhyMetric {
  readonly ruleId: string;
  readonly name: Metric;
  readonly unit: string;
  readonly statistic: string;
  readonly worse: "higher" | "lower";
  readonly canary?: number;
  readonly baseline?: number;
  /** The value the canary must not pass. */
  readonly threshold?: number;
  readonly canarySamples: number;
  readonly baselineSamples: number;
  /** Where the true value of the canary lies, each end wrong with a chance of at most 5 % (`interval.ts`). */
  readonly interval?: Interval;
}

/** One point of the chart, from one recorded look at the patch. */
export interface WhyPoint {
  readonly at: number;
  readonly stage: string;
  readonly canary?: number;
  readonly baseline?: number;
  readonly threshold?: number;
}

/** How the evidence of harm grew until it took the patch back: at `threshold` times what is needed. */
export interface WhyEvidence {
  readonly threshold: 1;
  /** The chance at which a harmless patch would have been taken back by these tests. */
  readonly level?: number;
  /** Oldest first, at most 60. */
  readonly points: readonly { readonly at: number; readonly harm: number }[];
}

export interface WhyEvent {
  readonly sequence: number;
  readonly at: number;
  readonly type: PatchEventType;
  readonly detail: string;
  readonly digest?: string;
}

export interface WhyCard {
  readonly v: 1;
  readonly patchId: string;
  readonly title: string;
  readonly repository: string;
  /** How far the rollback has come. */
  readonly kind: "reverting" | "reverted" | "revert-blocked";
  /** Everything in one sentence. */
  readonly sentence: string;
  readonly cause: "breach" | "request";
  readonly stage?: string;
  readonly actor?: string;
  readonly metric?: WhyMetric;
  readonly series: readonly WhyPoint[];
  /** Absent where no anytime-valid test was in force. */
  readonly evidence?: WhyEvidence;
  /** From the first landing to the end, in order. */
  readonly events: readonly WhyEvent[];
  /** What would have kept the patch, one sentence each. */
  readonly keptBy: readonly string[];
  readonly reverts: readonly Revert[];
  readonly decidedAt: number;
  readonly endedAt?: number;
}

export type WhyAnswer =
  | { readonly kind: "card"; readonly card: WhyCard }
  | { readonly kind: "none"; readonly reason: string };

/** The card of a patch's latest rollback; `none` when nothing of it was ever taken back. Total. */
export function whyCardOf(history: readonly HistoryEntry[]): WhyAnswer {
  const patch = history.map(({ event }) => event).find((event) => event.type === "PatchSubmitted");
  const started = history.findLast(({ event }) => event.type === "RevertStarted");
  if (!patch) return { kind: "none", reason: "the beginning of its ledger is missing" };
  if (started?.event.type !== "RevertStarted")
    return { kind: "none", reason: "nothing of it was taken back" };
  const { cause, at } = started.event;
  const end = history.find(({ sequence, event }) => sequence > started.sequence && isEnd(event));
  const metric = cause.kind === "breach" ? metricOf(patch.patch, cause) : undefined;
  const reverts = end && "reverts" in end.event ? end.event.reverts : [];
  const evidence = evidenceOf(cause);
  const card: WhyCard = {
    v: 1,
    patchId: patch.patch.id,
    title: patch.patch.title,
    repository: patch.patch.repository,
    kind: kindOf(end?.event),
    sentence: `Taken back because ${sentence(cause)}`,
    cause: cause.kind,
    ...(cause.kind === "breach" ? { stage: cause.stage } : { actor: cause.actor }),
    ...(metric ? { metric } : {}),
    series: metric ? seriesOf(history, metric.ruleId) : [],
    ...(evidence ? { evidence } : {}),
    events: history.filter(({ event }) => isShown(event.type)).map(shown),
    keptBy: keptBy(cause, metric, ruleOf(patch.patch, metric?.ruleId)),
    reverts,
    decidedAt: at,
    ...(end ? { endedAt: end.at } : {}),
  };
  return { kind: "card", card };
}

const isEnd = ({ type }: PatchEvent) => type === "Reverted" || type === "RevertBlocked";

function kindOf(end: PatchEvent | undefined): WhyCard["kind"] {
  if (end?.type === "Reverted") return "reverted";
  return end ? "revert-blocked" : "reverting";
}

const ruleOf = (patch: Patch, ruleId: string | undefined) =>
  patch.policy.rules.find((rule) => rule.id === ruleId);

function metricOf(patch: Patch, cause: RevertCause & { kind: "breach" }): WhyMetric | undefined {
  const { ruleId, readings } = cause.observation;
  const reading = readings.find((each) => each.ruleId === ruleId);
  if (!reading) return undefined;
  const { canary, baseline, limit, interval } = reading;
  return {
    ruleId: reading.ruleId,
    name: reading.metric,
    unit: reading.unit,
    statistic: reading.statistic,
    worse: ruleOf(patch, ruleId)?.worse ?? "higher",
    canarySamples: reading.canarySamples,
    baselineSamples: reading.baselineSamples,
    ...(canary === undefined ? {} : { canary }),
    ...(baseline === undefined ? {} : { baseline }),
    ...(limit === undefined ? {} : { threshold: limit }),
    ...(interval ? { interval } : {}),
  };
}

/** The trail of the breach, its times set against that of the breach, which is its last point. */
function evidenceOf(cause: RevertCause): WhyEvidence | undefined {
  if (cause.kind !== "breach") return undefined;
  const { at, trail, level } = cause.observation;
  const end = trail?.at(-1)?.[0];
  if (!trail || end === undefined) return undefined;
  return {
    threshold: 1,
    ...(level === undefined ? {} : { level }),
    points: trail.map(([sinceMs, harm]) => ({ at: at - end + sinceMs, harm })),
  };
}

/** Every recorded look at this rule: watches that went on, stages that passed, and the breach. */
function seriesOf(history: readonly HistoryEntry[], ruleId: string): WhyPoint[] {
  return history.flatMap(({ event }): WhyPoint[] => {
    const looked = lookOf(event);
    const reading = looked?.observation.readings.find((each) => each.ruleId === ruleId);
    if (!looked || !reading) return [];
    const { canary, baseline, limit } = reading;
    return [
      {
        at: looked.observation.at,
        stage: looked.stage,
        ...(canary === undefined ? {} : { canary }),
        ...(baseline === undefined ? {} : { baseline }),
        ...(limit === undefined ? {} : { threshold: limit }),
      },
    ];
  });
}

/** What a recorded event says of a look at the patch, if it says anything. */
export function lookOf(event: PatchEvent) {
  if (event.type === "StagePassed" || event.type === "WatchExtended") return event;
  if (event.type === "RevertStarted" && event.cause.kind === "breach") return event.cause;
  if (event.type === "Held" && event.reason.kind === "inconclusive") return event.reason;
  return undefined;
}

const shownTypes: readonly PatchEventType[] = [
  "Landed",
  "WatchStarted",
  "WatchExtended",
  "StagePassed",
  "Held",
  "Approved",
  "Settled",
  "RevertRequested",
  "RevertStarted",
  "RollbackOverdue",
  "Reverted",
  "RevertBlocked",
  "RecoveryJudged",
];
const isShown = (type: PatchEventType) => shownTypes.includes(type);

function shown({ sequence, at, event, digest }: HistoryEntry): WhyEvent {
  const detail = detailOf(event);
  return { sequence, at, type: event.type, detail, ...(digest ? { digest } : {}) };
}

function detailOf(event: PatchEvent): string {
  switch (event.type) {
    case "Landed":
      return `${event.landing.commit} on ${event.landing.branch}`;
    case "WatchStarted":
      return event.level === undefined
        ? `at ${event.stage}`
        : `at ${event.stage}, its tests at a level of ${show(event.level)} in their row`;
    case "WatchExtended":
    case "StagePassed":
      return `${event.stage}: ${event.observation.why}`;
    case "Approved":
      return `${event.actor}: ${event.reason}`;
    case "RevertRequested":
    case "RevertStarted":
      return sentence(event.cause);
    case "RollbackOverdue":
      return `not verified within ${event.timeoutMs} ms`;
    case "Reverted":
      return event.reverts.map(({ branch, commit }) => `${commit} on ${branch}`).join(", ");
    case "RevertBlocked":
      return event.reason;
    case "RecoveryJudged":
      return `${recoveryWords[event.observation.kind]}: ${event.observation.why}`;
    default:
      return "";
  }
}

function keptBy(
  cause: RevertCause,
  metric: WhyMetric | undefined,
  rule: Rule | undefined,
): string[] {
  if (cause.kind === "request") return [`${cause.actor} not asking for it`];
  if (!metric || metric.canary === undefined || metric.threshold === undefined) return [];
  const { canary, threshold, baseline, unit, name, statistic } = metric;
  const side = metric.worse === "higher" ? "at most" : "at least";
  const kept = [
    `${name} ${statistic} of ${side} ${show(threshold)} ${unit} on the canary instead of ${show(canary)} ${unit}`,
  ];
  return [...kept, ...looserRule(rule, { canary, baseline, unit })];
}

/** What the rule would have had to say to keep the patch. */
function looserRule(
  rule: Rule | undefined,
  { canary, baseline, unit }: { canary: number; baseline: number | undefined; unit: string },
): string[] {
  if (rule?.kind === "absolute" || rule?.kind === "sequential-limit")
    return [`a limit of ${show(canary)} ${unit} or looser in the rule ${rule.id}`];
  if (rule === undefined || baseline === undefined || baseline === 0) return [];
  if (rule.kind !== "relative" && (rule.kind !== "sequential" || unit === "ratio")) return [];
  const needed = Math.abs(canary / baseline - 1);
  return [`a tolerance of ${show(needed)} or more in the rule ${rule.id}`];
}

const show = (value: number) => String(Number(value.toPrecision(4)));
