import type { Log, Metrics } from "@council/runtime";
import type { Looking } from "./look-at-sources.ts";

/** What operators see of the sources: looks by what they showed, and each turn to blind or back. */
export function sightMetrics(metrics: Metrics, log: Log): Looking["onSeen"] {
  const looks = metrics.counter({
    name: "council_source_looks_total",
    help: "Looks at sources of samples, by whether the canary could be seen.",
    labels: { sight: ["seeing", "blind"] },
  });
  const samples = metrics.counter({
    name: "council_source_samples_total",
    help: "Samples fetched from sources.",
  });
  return (source, kind, { hasChanged, samples: count }) => {
    looks.add(1, { sight: kind });
    samples.add(count);
    if (!hasChanged) return;
    if (kind === "blind") log.warn({ source }, "a source of samples is blind");
    else log.info({ source }, "a source of samples shows the canary");
  };
}
