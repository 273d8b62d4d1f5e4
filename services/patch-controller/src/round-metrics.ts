import type { PatchEvent } from "@council/domain";
import type { Metrics } from "@council/runtime";
import type { Decided } from "./handle-patch.ts";

/** Beginnings that are remembered; the oldest is forgotten first. */
const mostTimed = 10_000;
const verdicts = ["approve", "reject", "abstain"] as const;

const recoveryOutcomes = {
  healthy: "recovered",
  breach: "harmed",
  inconclusive: "unknown",
  watching: "unknown",
} as const;

/** What operators see of rounds, watches and reverts: who voted how, who was silent, how long it took. */
export function roundMetrics(
  metrics: Metrics,
  heads: readonly string[],
): (event: PatchEvent, decided: Decided) => void {
  const votes = metrics.counter({
    name: "council_votes_total",
    help: "Votes that counted, by head and verdict.",
    labels: { head: heads, verdict: verdicts },
  });
  const carried = metrics.counter({
    name: "council_votes_carried_total",
    help: "Votes of models that outlived a moved base, by head; nothing was asked for them.",
    labels: { head: heads },
  });
  const silent = metrics.counter({
    name: "council_heads_silent_total",
    help: "Rounds in which a head that was asked did not vote.",
    labels: { head: heads },
  });
  const quorum = metrics.histogram({
    name: "council_quorum_seconds",
    help: "From asking the heads to the verdict, of rounds one process saw begin and end.",
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600],
  });
  const auditing = stopwatch();
  const followLife = lifeMetrics(metrics);
  return (event, decided) => {
    const { patchId, at } = decided;
    if (event.type === "AuditStarted") {
      auditing.begin(patchId, at);
      for (const head of event.carried ?? []) carried.add(1, { head });
    }
    if (event.type === "VotesUnsealed") for (const head of event.absent) silent.add(1, { head });
    if (event.type === "VoteRecorded")
      votes.add(1, { head: event.vote.head, verdict: event.vote.verdict });
    if (event.type === "VerdictReached") auditing.end(patchId, at, quorum.observe);
    followLife(event, decided);
  };
}

/** From the first watch to the word that it helped. */
function lifeMetrics(metrics: Metrics): (event: PatchEvent, decided: Decided) => void {
  const detection = metrics.histogram({
    name: "council_detection_seconds",
    help: "From the begin of a stage's watch to the decision to revert, where one process saw both.",
    buckets: [1, 2.5, 5, 10, 30, 60, 120, 180, 300, 600, 1800, 3600],
  });
  const rollback = metrics.histogram({
    name: "council_rollback_seconds",
    help: "From the decision to revert to the verified revert.",
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 90, 180],
  });
  const recoveries = metrics.counter({
    name: "council_recoveries_total",
    help: "What was measured after a breach was taken back: recovered, harmed still, or unknown.",
    labels: { outcome: Object.values(recoveryOutcomes) },
  });
  const watching = stopwatch();
  return (event, { patchId, before, at }) => {
    if (event.type === "WatchStarted") watching.begin(patchId, at);
    if (event.type === "RevertStarted" && event.cause.kind === "breach")
      watching.end(patchId, at, detection.observe);
    if (event.type === "Reverted" && before?.kind === "reverting")
      rollback.observe((at - before.startedAt) / 1000);
    if (event.type === "RecoveryJudged")
      recoveries.add(1, { outcome: recoveryOutcomes[event.observation.kind] });
  };
}

/** Times what begins and ends in this process; an end without its begin says nothing. */
function stopwatch() {
  const begins = new Map<string, number>();
  return {
    begin: (key: string, at: number): void => {
      begins.delete(key);
      begins.set(key, at);
      const [oldest] = begins.keys();
      if (begins.size > mostTimed && oldest !== undefined) begins.delete(oldest);
    },
    end: (key: string, at: number, tell: (seconds: number) => void): void => {
      const begun = begins.get(key);
      if (begun !== undefined) tell(Math.max(0, at - begun) / 1000);
      begins.delete(key);
    },
  };
}
