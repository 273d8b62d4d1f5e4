/** What the ledger says of a drilled patch, and what of it was not due. Pure. */
import type { DrillRun, LedgerEntry } from "@council/contracts";
import type { Fault } from "./fault.ts";

type EventOf<Type extends LedgerEntry["event"]["type"]> = Extract<
  LedgerEntry["event"],
  { type: Type }
>;

const restTypes: ReadonlySet<string> = new Set([
  "Settled",
  "Reverted",
  "RevertBlocked",
  "Rejected",
  "Failed",
  "Held",
]);

/** A pause ends by itself, and a freeze by the bypass of the drill; whatever else holds a patch does not. */
export function isRest({ event }: LedgerEntry): boolean {
  if (event.type === "Held" && ["paused", "frozen"].includes(event.reason.kind)) return false;
  return restTypes.has(event.type);
}

/** A breach was taken back: what is measured afterwards has to say that it helped. */
export function awaitsRecovery(entries: readonly LedgerEntry[]): boolean {
  const isBreach = ({ event }: LedgerEntry) =>
    event.type === "RevertStarted" && event.cause.kind === "breach";
  return entries.some(isBreach) && entries.findLast(isRest)?.event.type === "Reverted";
}

export type Story = Pick<
  DrillRun,
  | "ending"
  | "ruleId"
  | "metric"
  | "why"
  | "canarySamples"
  | "trail"
  | "detectionMs"
  | "revertMs"
  | "recoveryMs"
  | "revertStartedAt"
  | "restedAt"
>;

/** What the ledger says of the patch; times are those of its entries, milliseconds since the epoch. */
export function readStory(entries: readonly LedgerEntry[], struckAt: number | undefined): Story {
  const rest = entries.findLast(isRest);
  const started = entries.find(({ event }) => event.type === "RevertStarted");
  const ending = rest?.event.type.toLowerCase() ?? "unfinished";
  const story = { ending, ...(rest ? { restedAt: rest.at } : {}) };
  if (!started) return { ...story, ...whyHeld(rest) };
  const { cause } = started.event as EventOf<"RevertStarted">;
  const isOver = rest?.event.type === "Reverted";
  const recovered = entries.find(
    ({ event }) => event.type === "RecoveryJudged" && event.observation.kind === "healthy",
  );
  return {
    ...story,
    ...becauseOf(cause),
    revertStartedAt: started.at,
    ...(struckAt === undefined ? {} : { detectionMs: Math.max(0, started.at - struckAt) }),
    ...(isOver ? { revertMs: rest.at - started.at } : {}),
    ...(isOver && recovered ? { recoveryMs: recovered.at - rest.at } : {}),
  };
}

function becauseOf(cause: EventOf<"RevertStarted">["cause"]) {
  if (cause.kind === "request") return { why: `${cause.actor} asked for it` };
  const { ruleId, why, readings, trail } = cause.observation;
  const reading = readings.find((each) => each.ruleId === ruleId);
  return {
    why,
    ...(trail ? { trail: trail.map(([ms, harm]): [number, number] => [ms, harm]) } : {}),
    ...(ruleId === undefined ? {} : { ruleId }),
    ...(reading ? { metric: reading.metric, canarySamples: reading.canarySamples } : {}),
  };
}

function whyHeld(rest: LedgerEntry | undefined): { why?: string } {
  if (rest?.event.type === "Rejected" || rest?.event.type === "Failed")
    return { why: rest.event.reason };
  if (rest?.event.type !== "Held") return {};
  const { reason } = rest.event;
  return { why: reason.kind === "inconclusive" ? reason.observation.why : reason.kind };
}

/** What differs from what was due, in words; empty when nothing does. */
export function deviationsOf(
  { expected, disturbance }: Pick<Fault, "expected" | "disturbance">,
  story: Story,
  entries: readonly LedgerEntry[],
): string[] {
  const { ending, metric, why = "" } = story;
  const isDue =
    expected.kind === "stays"
      ? ending === "settled" || ending === "held"
      : ending === expected.kind;
  if (!isDue) return [`${ending} where ${expected.kind} was due ${why && `(${why})`}`.trim()];
  const faults: string[] = [];
  if ("metrics" in expected && !expected.metrics.some((each) => each === metric))
    faults.push(
      `taken back for ${metric ?? "another reason"}, not for ${expected.metrics.join(" or ")}`,
    );
  if (awaitsRecovery(entries) && story.recoveryMs === undefined)
    faults.push("the measurements were not shown to have recovered");
  const wasFrozen = entries.some(
    ({ event }) => event.type === "Held" && event.reason.kind === "frozen",
  );
  if (disturbance?.kind === "frozen" && !wasFrozen) faults.push("the freeze held nothing");
  return faults;
}
