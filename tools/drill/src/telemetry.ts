/** Measurements of two equal arms, and what a fault makes of the canary's. Pure but for the given chance. */
import type { Distortion } from "./fault.ts";

export interface Measured {
  readonly metric: "latency" | "cost" | "accuracy" | "coverage";
  readonly arm: "baseline" | "canary";
  readonly value: number;
  readonly unit: "ms" | "micro-usd" | "ratio";
}

const units = { latency: "ms", cost: "micro-usd", accuracy: "ratio", coverage: "ratio" } as const;
const typicalMs = 120;
const typicalMicroUsd = 400;
const accuracyRatio = 0.97;
const coverageRatio = 0.9;

/**
 * What `requests` requests to each arm show: log-normal latency (sigma 0.35) and cost (sigma 0.2),
 * answers of which 97 % are right, and the coverage, once per arm. `random` gives numbers from 0 to 1.
 */
export function measure(
  requests: number,
  distortion: Distortion | undefined,
  random: () => number,
): readonly Measured[] {
  if (distortion?.kind === "blackout") return [];
  const lines: Measured[] = [];
  for (const arm of ["baseline", "canary"] as const) {
    const harm = arm === "canary" ? distortion : undefined;
    const line = (metric: Measured["metric"], value: number) =>
      lines.push({ metric, arm, value: distorted(metric, value, harm), unit: units[metric] });
    const rightRatio = harm?.kind === "shift" && harm.metric === "accuracy" ? harm.by : 0;
    for (let request = 0; request < requests; request += 1) {
      line("latency", typicalMs * Math.exp(0.35 * normal(random)));
      line("cost", Math.round(typicalMicroUsd * Math.exp(0.2 * normal(random))));
      line("accuracy", random() < accuracyRatio + rightRatio ? 1 : 0);
    }
    line("coverage", coverageRatio);
  }
  return lines;
}

function distorted(metric: Measured["metric"], value: number, harm: Distortion | undefined) {
  if (harm?.kind === "scale" && harm.metric === metric) return value * harm.by;
  if (harm?.kind === "shift" && harm.metric === metric && metric === "coverage")
    return value + harm.by;
  if (harm?.kind === "not-a-number" && harm.metric === metric) return Number.NaN;
  return value;
}

/** Standard normal (Box and Muller, 1958). */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Numbers from 0 to 1 that follow from the seed (mulberry32, Ettinger 2017). */
export function seededChance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
