import { inheritedMetrics } from "@council/contracts";
import { logEvidenceOf, metricUnits, type RuleReading } from "@council/domain";
import type { Metrics } from "@council/runtime";
import type { Watching } from "./handle-watch.ts";

/** What operators see of the watch: verdicts, readings' verdicts and how late samples are judged. */
export function watchMetrics(metrics: Metrics): Pick<Watching, "onLook" | "onUnwatched"> {
  const verdicts = metrics.counter({
    name: "council_observations_total",
    help: "Looks at a watched patch, by what they showed.",
    labels: { verdict: ["healthy", "breach", "inconclusive", "watching"] },
  });
  const readings = metrics.counter({
    name: "council_rule_readings_total",
    help: "Rules read, by metric and what the reading showed.",
    labels: {
      metric: Object.keys(metricUnits),
      verdict: ["within", "breach", "insufficient", "mismatch"],
    },
  });
  const late = metrics.histogram({
    name: "council_sample_delay_seconds",
    help: "From accepting a batch of samples to judging it.",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  });
  const unwatched = metrics.counter({
    name: "council_samples_unwatched_total",
    help: "Samples of patches that nobody watches, or measured before the watch began.",
  });
  const evidence = metrics.gauge({
    name: "council_evidence_log_e",
    help: "Natural logarithm of the evidence against the canary, as the last rule of the metric read it.",
    labels: { metric: Object.keys(metricUnits) },
  });
  const accuracy = metrics.gauge({
    name: inheritedMetrics.accuracyScore,
    help: "Accuracy of the canary as read last, 0 to 1 (name kept for existing dashboards).",
  });
  const show = ({ metric, canary, evidence: held }: RuleReading) => {
    if (held) evidence.set(logEvidenceOf(held), { metric });
    if (metric === "accuracy" && canary !== undefined) accuracy.set(canary);
  };
  return {
    onLook: ({ observation }, lateMs) => {
      verdicts.add(1, { verdict: observation.kind });
      for (const reading of observation.readings) {
        readings.add(1, { metric: reading.metric, verdict: reading.verdict });
        show(reading);
      }
      late.observe(Math.max(0, lateMs) / 1000);
    },
    onUnwatched: (count) => unwatched.add(count),
  };
}
