/** The closed list of faults, each with what must come of it. Which one a patch has, no service is told. */
import type { Metric } from "@council/domain";

/** What is done to the measurements of the canary while the fault lasts. */
export type Distortion =
  | { readonly kind: "scale"; readonly metric: "latency" | "cost"; readonly by: number }
  /** Percentage points, as a difference of ratios. */
  | { readonly kind: "shift"; readonly metric: "accuracy" | "coverage"; readonly by: number }
  | { readonly kind: "blackout" }
  | { readonly kind: "not-a-number"; readonly metric: "latency" };

/** What is done to the way measurements take, or to Council and its repository. */
export type Disturbance =
  | { readonly kind: "clock"; readonly skewMs: number }
  | { readonly kind: "duplicates" }
  | { readonly kind: "late"; readonly byMs: number }
  | { readonly kind: "kill-auditor" }
  | { readonly kind: "kill-controller" }
  | { readonly kind: "pushes-rejected" }
  | { readonly kind: "later-commit" }
  | { readonly kind: "paused" }
  | { readonly kind: "frozen" };

/** How a drilled patch may end. `stays`: it was not taken back, whether it settled or is held. */
export type Expected =
  | { readonly kind: "reverted"; readonly metrics: readonly Metric[] }
  | { readonly kind: "stays" | "settled" | "held" }
  | { readonly kind: "revertblocked"; readonly metrics: readonly Metric[] };

export interface Fault {
  readonly name: string;
  readonly meaning: string;
  readonly distortion?: Distortion;
  readonly disturbance?: Disturbance;
  readonly expected: Expected;
  /** Samples of each arm without which no patch of this drill passes a stage. */
  readonly evidence: number;
  /** Where it strikes; absent: chance decides. */
  readonly stage?: "canary" | "target";
  /** It touches what all patches share, so no other one is drilled meanwhile. */
  readonly isAlone?: boolean;
}

const usual = 600;
/** More than the 95th percentile of what small harm takes to be proven (`docs/benchmarks.md`). */
const plenty = 5000;
const doubled: Distortion = { kind: "scale", metric: "latency", by: 2 };
const slow: Expected = { kind: "reverted", metrics: ["latency"] };
const costly: Expected = { kind: "reverted", metrics: ["cost"] };
const wrong: Expected = { kind: "reverted", metrics: ["accuracy"] };
const uncovered: Expected = { kind: "reverted", metrics: ["coverage"] };

export const faults: readonly Fault[] = [
  {
    name: "placebo",
    meaning: "a healthy patch",
    expected: { kind: "settled" },
    evidence: usual,
  },
  {
    name: "latency-1.1",
    meaning: "a tenth slower, which is within the tolerance",
    distortion: { kind: "scale", metric: "latency", by: 1.1 },
    expected: { kind: "stays" },
    evidence: usual,
  },
  {
    name: "latency-1.3",
    meaning: "three tenths slower",
    distortion: { kind: "scale", metric: "latency", by: 1.3 },
    expected: slow,
    evidence: plenty,
  },
  {
    name: "latency-2",
    meaning: "twice as slow",
    distortion: doubled,
    expected: slow,
    evidence: usual,
  },
  {
    name: "accuracy",
    meaning: "four percentage points less accurate",
    distortion: { kind: "shift", metric: "accuracy", by: -0.04 },
    expected: wrong,
    evidence: plenty,
  },
  {
    name: "cost",
    meaning: "twice as dear",
    distortion: { kind: "scale", metric: "cost", by: 2 },
    expected: costly,
    evidence: usual,
  },
  {
    name: "coverage",
    meaning: "five percentage points less covered by tests",
    distortion: { kind: "shift", metric: "coverage", by: -0.05 },
    expected: uncovered,
    evidence: usual,
  },
  {
    name: "blackout",
    meaning: "nothing is measured any more",
    distortion: { kind: "blackout" },
    expected: { kind: "held" },
    evidence: usual,
  },
  {
    name: "nan",
    meaning: "every latency of the canary is NaN",
    distortion: { kind: "not-a-number", metric: "latency" },
    expected: { kind: "held" },
    evidence: usual,
  },
  {
    name: "clock-behind",
    meaning: "the clock of the product is an hour slow: all it says is older than the landing",
    disturbance: { kind: "clock", skewMs: -3_600_000 },
    expected: { kind: "held" },
    evidence: usual,
  },
  {
    name: "clock-ahead",
    meaning: "twice as slow, measured by a clock that is an hour fast",
    distortion: doubled,
    disturbance: { kind: "clock", skewMs: 3_600_000 },
    expected: slow,
    evidence: usual,
  },
  {
    name: "duplicates",
    meaning: "a healthy patch; every delivery comes twice",
    disturbance: { kind: "duplicates" },
    expected: { kind: "settled" },
    evidence: usual,
  },
  {
    name: "late",
    meaning: "twice as slow, and every delivery comes late",
    distortion: doubled,
    disturbance: { kind: "late", byMs: 1500 },
    expected: slow,
    evidence: usual,
  },
  {
    name: "pushes-rejected",
    meaning: "twice as slow, and the repository takes no push: a person is called",
    distortion: doubled,
    disturbance: { kind: "pushes-rejected" },
    expected: { kind: "revertblocked", metrics: ["latency"] },
    evidence: usual,
  },
  {
    name: "later-commit",
    meaning: "twice as slow, and someone has changed the same lines since",
    distortion: doubled,
    disturbance: { kind: "later-commit" },
    expected: { kind: "revertblocked", metrics: ["latency"] },
    evidence: usual,
    stage: "target",
  },
  {
    name: "auditor-killed",
    meaning: "twice as slow, and the streaming auditor is killed while it watches",
    distortion: doubled,
    disturbance: { kind: "kill-auditor" },
    expected: slow,
    evidence: usual,
    isAlone: true,
  },
  {
    name: "controller-killed",
    meaning: "twice as slow, and the patch controller is killed at every step of the patch",
    distortion: doubled,
    disturbance: { kind: "kill-controller" },
    expected: slow,
    evidence: usual,
    isAlone: true,
  },
  {
    name: "paused",
    meaning: "twice as slow while landings are paused: what is bad still goes",
    distortion: doubled,
    disturbance: { kind: "paused" },
    expected: slow,
    evidence: usual,
    isAlone: true,
  },
  {
    name: "frozen",
    meaning: "twice as slow in a freeze: it waits, lands by a bypass, and goes all the same",
    distortion: doubled,
    disturbance: { kind: "frozen" },
    expected: slow,
    evidence: usual,
  },
];

/** Of every kind one: to know within a minute that the net holds. */
export const shortDrill: readonly string[] = ["placebo", "latency-2", "coverage"];

/** Undefined for a name that is not on the list. */
export function faultNamed(name: string): Fault | undefined {
  return faults.find((fault) => fault.name === name);
}
