import { type ApprovalStep, stepFaults } from "./governance/approval.ts";
import { freezeFaults, type FreezeWindow } from "./governance/freeze.ts";
import type { Limits } from "./governance/limits.ts";
import type { SenderPaths } from "./governance/sender-paths.ts";
import type { Rule } from "./observation/rule.ts";
import { ruleFaults } from "./observation/rule-faults.ts";
import type { Slot } from "./patch/patch.ts";

/** What a change can do, from harmless to irreversible. Unknown counts as destructive. */
export type Tier = "docs" | "service" | "destructive" | "data";

/** One auditor's place in the quorum. Two seats of one family are refused. */
export interface Seat {
  readonly head: string;
  readonly family: string;
  /** Nothing is approved while this head is silent, abstains or rejects: its word must not be lost (P10, P11). */
  readonly mustVote?: boolean;
  /** A paid model judges here, of the maker `family`. */
  readonly isModel?: boolean;
  /** Host of the model's endpoint; two seats on one endpoint are refused. */
  readonly endpoint?: string;
  /** Seats of a higher order are asked only if the lower ones did not decide; default 0. */
  readonly order?: number;
  /** Sits only where the renders disagree or the change is risky; every seat then has to approve. */
  readonly isArbiter?: boolean;
}

/** How far Council may go by itself in a repository. */
export type Autonomy = "observe" | "recommend" | "auto-safe" | "auto-all";

/** One step of landing: a branch, and how long the patch is watched there. */
export interface Stage {
  readonly name: string;
  /** Absent means the patch's own target branch. */
  readonly branch?: string;
  /** Never called healthy earlier than this. */
  readonly watchMinMs: number;
  /** Asked for a conclusion at this time; missing evidence is then inconclusive. */
  readonly watchMaxMs: number;
  /** Share of the traffic the canary gets here, 0–100; absent leaves the traffic alone. */
  readonly weightPercent?: number;
  /** Every rule needs at least so many samples per arm here, whatever it asks for itself. */
  readonly minSamples?: number;
}

/** What may land, after how long a look, and what takes it back. */
export interface Policy {
  /** Builders that render tasks here; with only one, the variance stays unknown. */
  readonly builders: readonly Slot[];
  readonly seats: readonly Seat[];
  readonly approvalsNeeded: number;
  /** Renders may differ by this ratio, 0–1. */
  readonly varianceLimit: number;
  /** What an unmeasured variance means. */
  readonly onUnknownVariance: "escalate" | "reject";
  readonly autonomy: Autonomy;
  readonly stages: readonly Stage[];
  readonly rules: readonly Rule[];
  /**
   * Expected share of harmless patches among those the tests take back from a lane, at most; 1, like absent,
   * promises nothing and judges each patch by the `alpha` of its rules alone.
   */
  readonly falseRevertRatio?: number;
  /** Wait longer, wait for a person, or call one at once. */
  readonly onInconclusive: "extend" | "hold" | "ask";
  readonly maxExtensions: number;
  /** How often a patch is audited anew because its base moved, before it is given up. */
  readonly maxRebases: number;
  /** Patches that may be live on one branch at once if neither touches what the other does; absent is 1. */
  readonly maxLive?: number;
  /** Places at the front of the queue whose suites run ahead, on the tree that will likely be theirs; absent is 0. */
  readonly testAhead?: number;
  /** Samples of live patches cannot be told apart: harm is traced to one of them before it is taken back. */
  readonly sharedEvidence?: boolean;
  readonly renderTimeoutMs: number;
  readonly compareTimeoutMs: number;
  readonly auditTimeoutMs: number;
  readonly rollbackTimeoutMs: number;
  /**
   * The repository's tests run on a reverted tree before it is pushed, for at most so long; absent: they
   * do not. What they say keeps no breach from being taken back (P4).
   */
  readonly revertTestTimeoutMs?: number;
  /** How long recovery is looked for after a breach was taken back; 0, like absent, does not look. */
  readonly recoveryTimeoutMs?: number;
  /** How long it takes until a revert is in use: samples from before say nothing of recovery; absent is 0. */
  readonly recoveryDelayMs?: number;
  /** Who has to say yes where a person decides. */
  readonly approvalSteps: readonly ApprovalStep[];
  /** Silence for so long is a no. */
  readonly approvalTimeoutMs: number;
  /** When nothing lands. */
  readonly freezes: readonly FreezeWindow[];
  readonly limits: Limits;
  /** Which paths a sender may touch; everybody may touch everything where nothing is said. */
  readonly senderPaths: readonly SenderPaths[];
}

/** Whether both arms have traffic at this stage. */
export const isSplit = (stage: Stage): stage is Stage & { readonly weightPercent: number } =>
  stage.weightPercent !== undefined && stage.weightPercent > 0 && stage.weightPercent < 100;

const tierOrder: readonly Tier[] = ["docs", "service", "destructive", "data"];

/** Whether `tier` is riskier than `limit`. */
export function isTierAbove(tier: Tier, limit: Tier): boolean {
  return tierOrder.indexOf(tier) > tierOrder.indexOf(limit);
}

/** Whether this autonomy lets a change of this tier land without a person. */
export function mayLandAlone(autonomy: Autonomy, tier: Tier): boolean {
  switch (autonomy) {
    case "observe":
    case "recommend":
      return false;
    case "auto-safe":
      return !isTierAbove(tier, "service");
    case "auto-all":
      return true;
  }
}

/**
 * Every fault of a policy, in words, all at once; empty when it can be used.
 * A policy with a fault is never put in force (two seats of one family would be one vote counted twice).
 */
export function policyFaults(policy: Policy): string[] {
  const faults: string[] = [];
  for (const family of repeated(policy.seats.map((seat) => seat.family)))
    faults.push(`seats: two seats of the family "${family}"; give each seat its own family`);
  for (const endpoint of repeated(policy.seats.flatMap((seat) => seat.endpoint ?? [])))
    faults.push(`seats: two seats on the endpoint "${endpoint}"; give each seat its own endpoint`);
  for (const head of repeated(policy.seats.map((seat) => seat.head)))
    faults.push(`seats: the head "${head}" sits twice; name each head once`);
  if (!(policy.approvalsNeeded >= 2))
    faults.push("approvalsNeeded: fewer than two approvals is no quorum; use 2 or more");
  if (policy.approvalsNeeded > policy.seats.filter((seat) => !seat.isArbiter).length)
    faults.push("approvalsNeeded: more approvals than seats; add seats or lower it");
  if (policy.stages.length === 0)
    faults.push("stages: nothing to land on; name at least one stage");
  for (const stage of repeated(policy.stages.map((entry) => entry.name)))
    faults.push(`stages: "${stage}" appears twice; name each stage once`);
  for (const stage of policy.stages)
    if (stage.watchMaxMs < stage.watchMinMs)
      faults.push(
        `stages: "${stage.name}" ends its watch before it may be healthy; raise watchMaxMs`,
      );
  faults.push(...weightFaults(policy.stages), ...liveFaults(policy));
  if (!(policy.varianceLimit >= 0 && policy.varianceLimit <= 1))
    faults.push("varianceLimit: not a ratio; use a number from 0 to 1");
  for (const rule of repeated(policy.rules.map((entry) => entry.id)))
    faults.push(`rules: "${rule}" appears twice; name each rule once`);
  const governed = [...stepFaults(policy.approvalSteps), ...freezeFaults(policy.freezes)];
  return [...faults, ...governed, ...policy.rules.flatMap(ruleFaults)];
}

/** How many patches this policy lets be live at once: one, wherever several could not be told apart. */
export function maxLiveOf(policy: Policy): number {
  return liveFaults(policy).length > 0 ? 1 : (policy.maxLive ?? 1);
}

/** Traffic is steered for one canary at a time, and only the target branch can hold several patches. */
function liveFaults({ maxLive = 1, stages }: Policy): string[] {
  if (maxLive < 2) return [];
  const faults: string[] = [];
  if (stages.some((stage) => stage.weightPercent !== undefined))
    faults.push("maxLive: traffic is steered for one patch at a time; leave out weightPercent");
  if (stages.at(-1)?.branch !== undefined)
    faults.push("maxLive: patches share the target branch alone; end with a stage on it");
  // A revert of one patch moves the stage branches another stands on: it must not have to stand twice.
  for (const branch of repeated(stages.flatMap((stage) => stage.branch ?? [])))
    faults.push(`maxLive: two stages on "${branch}"; give each stage a branch of its own`);
  return faults;
}

const repeated = (names: readonly string[]) =>
  names.filter((name, index) => names.indexOf(name) !== index);

/** A canary that gets less traffic at a later stage would be judged on less than it was before. */
function weightFaults(stages: readonly Stage[]): string[] {
  const weighted = stages.filter((stage) => stage.weightPercent !== undefined);
  return weighted.flatMap((stage, index) => {
    const before = weighted[index - 1];
    if (!before || (stage.weightPercent ?? 0) >= (before.weightPercent ?? 0)) return [];
    return [
      `stages: "${stage.name}" has less traffic than "${before.name}" before it; order the stages by rising weightPercent`,
    ];
  });
}
