/** The small worlds that are explored, each as rich as its time allows. */
import { nothing as calm } from "./budget.ts";
import type { Scenario } from "./small-world.ts";
import { seatsWithModels, stagesWithCanary } from "./steps.ts";

const base: Scenario = {
  patches: ["p1"],
  policy: {},
  budget: calm,
  conducts: {},
  atOnce: ["audit", "lane", "observation"],
  deadlines: ["audit", "recheck"],
  maxStates: 400_000,
};

const throughCanary: Scenario = { ...base, policy: { stages: stagesWithCanary } };

/** One patch through canary and target, with a stopped twin and a pause. */
const paused: Scenario = {
  ...throughCanary,
  budget: { ...calm, pauses: 1, zombies: 1, crashes: 1, rollbacks: 1 },
};

/** The base moves under a landing; the third head may then reject what it approved before. */
const moved: Scenario = {
  ...throughCanary,
  conducts: { contract: ["approve", "reject"] },
  budget: { ...calm, baseMoves: 1, zombies: 1, crashes: 1, rollbacks: 1 },
};

/** Two base moves, no twin: what is decided late about an earlier landing meets a later one. */
const late: Scenario = {
  ...throughCanary,
  atOnce: ["audit"],
  deadlines: ["watch", "recheck"],
  budget: { ...calm, baseMoves: 1, approvals: 1, crashes: 1 },
};

/** Pause, kill, and missing evidence that a person stands in for. */
const unsure: Scenario = {
  ...throughCanary,
  policy: { stages: stagesWithCanary, onInconclusive: "extend" },
  deadlines: ["watch", "recheck", "rollback"],
  budget: { ...calm, pauses: 1, crashes: 1, rollbacks: 1, approvals: 1 },
};

/** Tests that fail on every reverted tree: who asks is refused, who asks again is not, nor is a breach. */
const testedRevert: Scenario = {
  ...throughCanary,
  policy: { stages: stagesWithCanary, revertTestTimeoutMs: 1000 },
  budget: { ...calm, zombies: 1, crashes: 1, rollbacks: 2 },
};

/** After a breach was taken back its rules are watched once more; late words of older watches say nothing. */
const recovering: Scenario = {
  ...throughCanary,
  policy: { stages: stagesWithCanary, recoveryTimeoutMs: 1000 },
  atOnce: ["audit", "lane"],
  deadlines: ["recovery", "watch"],
  budget: { ...calm, crashes: 1, rollbacks: 1 },
};

/** One of two patches is stopped, before and while it lands: it leaves the lane, or keeps it with what it has. */
const stopped: Scenario = {
  ...throughCanary,
  patches: ["p1", "p2"],
  policy: { stages: stagesWithCanary, maxRebases: 1 },
  budget: { ...calm, stops: 1, crashes: 1, rollbacks: 1 },
};

/** Everything waits for two people, one of whom may say no, or nobody in time. */
const inSteps: Scenario = {
  ...base,
  policy: { autonomy: "recommend", approvalSteps: [{ name: "peer", count: 2 }], maxRebases: 1 },
  deadlines: ["audit", "recheck", "approval"],
  budget: { ...calm, approvals: 3, denials: 1, baseMoves: 1, rollbacks: 1, pauses: 1, crashes: 1 },
};

/** Everything waits for a person, who may approve before the lane has heard that it is free. */
const byHand: Scenario = {
  ...base,
  patches: ["p1", "p2"],
  policy: { autonomy: "recommend", maxRebases: 1 },
  atOnce: ["audit", "observation"],
  budget: { ...calm, approvals: 3, baseMoves: 1 },
};

/** Two patches on one lane through the canary: each meets the other's landing and revert. */
const twoPatches: Scenario = {
  ...throughCanary,
  patches: ["p1", "p2"],
  policy: { stages: stagesWithCanary, maxRebases: 1 },
  budget: { ...calm, zombies: 1, rollbacks: 2 },
};

/** Both go back together, the later first, in whatever state the request and another rollback find them. */
const together: Scenario = {
  ...base,
  patches: ["p1", "p2"],
  policy: { maxRebases: 1 },
  budget: { ...calm, jointRollbacks: 1, rollbacks: 1, crashes: 1 },
};

/** The same on the target alone, while other people push. */
const twoPatchesAndOthers: Scenario = {
  ...base,
  patches: ["p1", "p2"],
  policy: { maxRebases: 1 },
  budget: { ...calm, baseMoves: 1, zombies: 1, rollbacks: 1 },
};

/** The audit in every order of seals, openings and its deadline, with heads of every conduct. */
const audit: Scenario = {
  ...base,
  conducts: {
    rules: ["approve", "other"],
    proof: ["approve", "reject", "silent"],
    contract: ["approve", "abstain", "veto"],
  },
  atOnce: ["lane", "observation"],
  deadlines: ["audit", "compare", "recheck"],
  budget: { ...calm, approvals: 1, rollbacks: 1 },
};

/** Heads ask for a person, say rightly that this is waived, or say so and it is not; the waiver is for p1 alone. */
const waived: Scenario = {
  ...base,
  patches: ["p1", "p2"],
  policy: { maxRebases: 1, autonomy: "auto-all" },
  conducts: { rules: ["approve", "waived"], proof: ["approve", "ask", "pretend"] },
  deadlines: ["recheck"],
  budget: { ...calm, approvals: 1 },
};

/** Two rounds of voting: seals of the first may arrive in the second. */
const rounds: Scenario = {
  ...audit,
  conducts: { contract: ["approve", "silent"] },
  deadlines: ["audit"],
  budget: { ...calm, baseMoves: 1 },
};

/** The third head is asked only if the first two do not decide; seals come early, late and not at all. */
const waves: Scenario = {
  ...audit,
  policy: {
    seats: [
      { head: "rules", family: "rules", mustVote: true },
      { head: "proof", family: "proof" },
      { head: "contract", family: "contract", order: 1 },
    ],
  },
};

/** Two independent patches live on the target at once, one of them taken back under the other. */
const shared: Scenario = {
  ...base,
  patches: ["p1", "p2"],
  policy: { maxRebases: 1, maxLive: 2 },
  budget: { ...calm, zombies: 1, crashes: 1, rollbacks: 2 },
};

/** The same behind a canary stage, which each has to itself. */
const sharedThroughCanary: Scenario = {
  ...shared,
  policy: { ...shared.policy, stages: stagesWithCanary },
  budget: { ...calm, zombies: 1, rollbacks: 1 },
};

/** Three on one lane for two; the third touches what the first does. */
const sharedByThree: Scenario = {
  ...shared,
  patches: ["p1", "p2", "q1"],
  policy: { maxRebases: 2, maxLive: 2 },
  budget: { ...calm, crashes: 1, rollbacks: 1 },
};

/** The lane hears of it in any order. */
const sharedLate: Scenario = {
  ...shared,
  atOnce: ["audit"],
  budget: { ...calm, rollbacks: 1 },
};

/** The base moves twice, and what the patch means may or may not: models' votes carry over, or do not (P6). */
const carried: Scenario = {
  ...throughCanary,
  policy: { stages: stagesWithCanary, seats: seatsWithModels },
  conducts: { rules: ["approve", "reject"], m2: ["approve", "abstain"] },
  mayDrift: true,
  deadlines: ["recheck"],
  budget: { ...calm, baseMoves: 2, approvals: 1 },
};

/** Two builders render, and the money runs out twice: before, between and after their answers. */
const unpaid: Scenario = {
  ...base,
  policy: { builders: ["a", "b"], maxRebases: 1 },
  deadlines: ["render", "recheck"],
  budget: { ...calm, shortages: 2, approvals: 1, rollbacks: 1, baseMoves: 1 },
};

/** Harm on a branch that both share: the lane says who goes, and hears of it in any order. */
const traced: Scenario = {
  ...shared,
  policy: { maxRebases: 1, maxLive: 2, sharedEvidence: true },
  atOnce: ["audit", "observation"],
  budget: { ...calm, rollbacks: 1 },
};

export const scenarios = {
  traced,
  shared,
  sharedThroughCanary,
  sharedByThree,
  sharedLate,
  paused,
  moved,
  late,
  unsure,
  testedRevert,
  recovering,
  stopped,
  inSteps,
  byHand,
  twoPatches,
  twoPatchesAndOthers,
  together,
  audit,
  waived,
  rounds,
  waves,
  unpaid,
  carried,
} as const;
