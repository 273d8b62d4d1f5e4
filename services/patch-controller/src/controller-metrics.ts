import { inheritedMetrics } from "@council/contracts";
import type { PatchEvent } from "@council/domain";
import type { Log, Metrics } from "@council/runtime";
import type { Decided, PatchHandling } from "./handle-patch.ts";
import { roundMetrics } from "./round-metrics.ts";

const eventTypes = [
  "PatchSubmitted",
  "RenderRecorded",
  "RenderFailed",
  "ComparisonRecorded",
  "AuditStarted",
  "SeatsAsked",
  "VoteRecorded",
  "VoteRefused",
  "SealRefused",
  "VerdictReached",
  "Held",
  "Approved",
  "Landed",
  "BaseMoved",
  "WatchStarted",
  "WatchExtended",
  "StagePassed",
  "RevertStarted",
  "Reverted",
  "RevertBlocked",
  "RollbackOverdue",
  "RecoveryJudged",
  "Settled",
  "Rejected",
  "Failed",
  "Superseded",
  "Withdrawn",
] as const;

/** The first word of a refusal; what is malformed in another way counts as `other`. */
const voteFaults = [
  "forged",
  "replayed",
  "cross-patch",
  "double",
  "late",
  "early",
  "stale",
  "expired",
  "signature",
  "seal",
  "another",
] as const;

/** What operators see of decisions. Patch ids stay out of labels: they go to the log. */
export function controllerMetrics(
  metrics: Metrics,
  log: Log,
  heads: readonly string[],
): Pick<PatchHandling, "onDecided" | "onRefused"> {
  const events = metrics.counter({
    name: "council_patch_events_total",
    help: "Events of patches, by type.",
    labels: { type: eventTypes },
  });
  const refusals = metrics.counter({
    name: "council_commands_refused_total",
    help: "Commands a patch's state did not allow.",
  });
  const votesRefused = metrics.counter({
    name: "council_votes_refused_total",
    help: "Votes that were not counted, by what was wrong with them.",
    labels: { reason: voteFaults },
  });
  const onRound = roundMetrics(metrics, heads);
  const onKept = keptMetrics(metrics);
  const onEvent = (event: PatchEvent, decided: Decided) => {
    events.add(1, { type: event.type });
    onRound(event, decided);
    onKept(event);
    if (event.type === "VoteRefused" || event.type === "SealRefused")
      votesRefused.add(1, { reason: event.reason.split(/[: ]/, 1)[0] ?? "" });
  };
  return {
    onDecided: (decided) => {
      const { patchId, state } = decided;
      for (const event of decided.events) {
        onEvent(event, decided);
        log.info({ patchId, event: event.type, kind: state?.kind }, "decided");
      }
    },
    onRefused: (patchId, command, reason) => {
      refusals.add(1);
      log.warn({ patchId, command, reason }, "command refused");
    },
  };
}

/** Metrics under names that existing dashboards know. */
function keptMetrics(metrics: Metrics): (event: PatchEvent) => void {
  const inherited = metrics.counter({
    name: inheritedMetrics.rollbackTriggered,
    help: "Reverts started, by what asked for them (name kept for existing dashboards).",
    labels: { reason: ["cost", "latency", "accuracy", "coverage", "errors", "request"] },
  });
  const variance = metrics.gauge({
    name: inheritedMetrics.astDiffPercent,
    help: "Structural variance between the two renders compared last, percent (name kept for existing dashboards).",
    labels: { builder_pair: ["a:b"] },
  });
  const explained = metrics.counter({
    name: inheritedMetrics.metaExplained,
    help: "Changes whose meaning was hashed, or could not be (name kept for existing dashboards).",
    labels: { result: ["hash_added", "error"] },
  });
  return (event) => {
    if (event.type === "ComparisonRecorded") {
      const { comparison } = event;
      explained.add(1, { result: comparison.kind === "compared" ? "hash_added" : "error" });
      const measured = comparison.kind === "compared" ? comparison.variance : undefined;
      if (measured?.kind === "measured") variance.set(measured.high * 100, { builder_pair: "a:b" });
    }
    if (event.type === "RevertStarted") inherited.add(1, { reason: reasonOf(event) });
  };
}

function reasonOf({ cause }: PatchEvent & { type: "RevertStarted" }): string {
  if (cause.kind === "request") return "request";
  const { ruleId, readings } = cause.observation;
  const metric = readings.find((reading) => reading.ruleId === ruleId)?.metric ?? "other";
  const families: Record<string, string> = {
    unit_coverage: "coverage",
    latency_regression: "latency",
    cost_delta: "cost",
  };
  return families[metric] ?? metric;
}
