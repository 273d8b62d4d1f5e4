/** A policy in sentences, for whoever has to answer for it. Pure: the same policy, the same words. */
import { neededTolerance } from "./observation/calibrate-tolerance.ts";
import {
  metricUnits,
  type Rule,
  type ShareRule,
  type TestRule,
  type WindowRule,
} from "./observation/rule.ts";
import { isWindowRule } from "./observation/window-rule.ts";
import { whoIn } from "./governance/approval.ts";
import type { FreezeWindow } from "./governance/freeze.ts";
import type { Limits } from "./governance/limits.ts";
import { isSplit, type Policy, type Seat, type Stage } from "./policy.ts";

/** One sentence per line; every field that decides something is named by one of them. */
export function explainPolicy(policy: Policy): string[] {
  const { seats, approvalsNeeded, stages, rules } = policy;
  const must = seats.filter((seat) => seat.mustVote).map(({ head }) => head);
  return [
    `Seats: ${seats.map(({ head }) => head).join(", ")}; ${approvalsNeeded} of ${seats.filter((seat) => !seat.isArbiter).length} must approve.`,
    ...seatWords(seats),
    ...(must.length > 0 ? [`Nothing is approved without a vote of ${must.join(", ")}.`] : []),
    `Autonomy "${policy.autonomy}": ${autonomyWords[policy.autonomy]}.`,
    `Two renders may differ by ${percent(policy.varianceLimit)}; an unmeasured difference means ${policy.onUnknownVariance}.`,
    ...stages.map((stage, index) => stageWords(stage, index, stages.length)),
    `Too little evidence: ${inconclusiveWords(policy)}.`,
    ...(rules.length > 0
      ? rules.map(ruleWords)
      : ["No rule: nothing measured takes a patch back."]),
    ...rowWords(policy),
    ...rules.flatMap(noiseWords),
    ...splitWords(policy),
    `A revert that is not verified within ${duration(policy.rollbackTimeoutMs)} calls for a person.`,
    ...revertTestWords(policy),
    ...recoveryWords(policy),
    `A patch whose base moves is audited anew up to ${policy.maxRebases} times.`,
    ...liveWords(policy),
    ...aheadWords(policy),
    ...approvalWords(policy),
    ...freezeWords(policy.freezes),
    ...limitWords(policy.limits),
    ...policy.senderPaths.map(
      ({ sender, paths }) =>
        `${sender === "*" ? "Every other sender" : `The sender ${sender}`} may touch ${paths.join(", ")} only.`,
    ),
    `Deadlines: render ${duration(policy.renderTimeoutMs)}, comparison ${duration(policy.compareTimeoutMs)}, audit ${duration(policy.auditTimeoutMs)}.`,
  ];
}

function approvalWords({ approvalSteps, approvalTimeoutMs }: Policy): string[] {
  const steps = approvalSteps.map(
    (step, index) =>
      `Where a person decides, step ${index + 1}, "${step.name}": ${step.count} of ${whoIn(step)}, never the author.`,
  );
  return [...steps, `No approval within ${duration(approvalTimeoutMs)} is a no.`];
}

function freezeWords(freezes: readonly FreezeWindow[]): string[] {
  return freezes.map(({ reason, timeZone, ...window }) => {
    const when =
      window.kind === "dated"
        ? `from ${window.from} to ${window.to}`
        : `on ${window.days.join(", ")} from ${window.from} to ${window.to}`;
    return `Nothing lands ${when} (${timeZone}): ${reason}.`;
  });
}

function limitWords(limits: Limits): string[] {
  const { landingsPerDay, emergenciesPerDay, cooldownMs, unlimited } = limits;
  const { quarantineReverts, quarantineWindowMs, automaticRevertsPerDay } = limits;
  const but = unlimited.length > 0 ? `; not for ${unlimited.join(", ")}` : "";
  return [
    `One author lands ${landingsPerDay} patches within 24 hours and ${emergenciesPerDay} more with a bypass, none within ${duration(cooldownMs)} after one was taken back${but}.`,
    `${quarantineReverts} reverts within ${duration(quarantineWindowMs)} stop their author or builder, ${automaticRevertsPerDay} automatic ones within 24 hours the repository.`,
  ];
}

function seatWords(seats: readonly Seat[]): string[] {
  const names = (isMeant: (seat: Seat) => boolean) => seats.filter(isMeant).map(({ head }) => head);
  const later = names(({ order = 0 }) => order > 0);
  const arbiters = names(({ isArbiter = false }) => isArbiter);
  return [
    ...(later.length > 0 ? [`Asked only if the others do not decide: ${later.join(", ")}.`] : []),
    ...(arbiters.length > 0
      ? [`Sits only where renders disagree or the change is risky: ${arbiters.join(", ")}.`]
      : []),
  ];
}

const autonomyWords: Record<Policy["autonomy"], string> = {
  observe: "Council decides and lands nothing",
  recommend: "a person approves every landing",
  "auto-safe": "documents and services land alone, everything riskier needs a person",
  "auto-all": "every approved patch lands alone",
};

function revertTestWords({ revertTestTimeoutMs: limitMs }: Policy): string[] {
  if (limitMs === undefined) return [];
  return [
    `Before a revert is pushed the tests run on it for up to ${duration(limitMs)}; a breach is taken back whatever they say.`,
  ];
}

function recoveryWords({ recoveryTimeoutMs = 0, recoveryDelayMs = 0 }: Policy): string[] {
  if (recoveryTimeoutMs === 0) return [];
  return [
    `${duration(recoveryDelayMs)} after a breach was taken back its rules are watched once more, for up to ${duration(recoveryTimeoutMs)}: did it help?`,
  ];
}

function liveWords({ maxLive = 1 }: Policy): string[] {
  if (maxLive < 2) return [];
  return [
    `Up to ${maxLive} patches may be live on the target branch at once, if neither touches what another does.`,
  ];
}

function aheadWords({ testAhead = 0 }: Policy): string[] {
  if (testAhead === 0) return [];
  return [
    `For the first ${testAhead} that wait for the branch the tests run ahead, on the tree that is expected; each votes on the tree that comes.`,
  ];
}

function stageWords(stage: Stage, index: number, count: number): string {
  const { name, branch, watchMinMs, watchMaxMs, weightPercent, minSamples } = stage;
  const place = branch === undefined ? "the target branch" : `the branch ${branch}`;
  const traffic = weightPercent === undefined ? "" : ` with ${weightPercent} % of the traffic`;
  const evidence = minSamples === undefined ? "" : `, after ${minSamples} samples of each rule`;
  return (
    `Stage ${index + 1} of ${count}, "${name}": on ${place}${traffic}, ` +
    `healthy no earlier than ${duration(watchMinMs)}${evidence}, concluded after ${duration(watchMaxMs)}.`
  );
}

function inconclusiveWords({ onInconclusive, maxExtensions }: Policy): string {
  switch (onInconclusive) {
    case "extend":
      return `the watch is extended up to ${maxExtensions} times, then the patch is held`;
    case "hold":
      return "the patch is held until evidence comes or a person decides";
    case "ask":
      return "the patch is held and a person is called at once";
  }
}

function ruleWords(rule: Rule): string {
  const need = rule.isRequired ? "; no patch is healthy without it" : "";
  if (rule.mode === "shadow")
    return `Rule "${rule.id}" is on trial and decides nothing: ${isWindowRule(rule) ? windowWords(rule) : testWords(rule)}.`;
  return `Rule "${rule.id}": ${isWindowRule(rule) ? windowWords(rule) : testWords(rule)}${need}.`;
}

function windowWords(rule: WindowRule): string {
  const { metric, statistic, worse, minSamples, windowSamples, confirmations } = rule;
  const direction = worse === "higher" ? "rises above" : "falls below";
  const evidence = `from ${minSamples} samples on, over the newest ${windowSamples}, ${times(confirmations)}`;
  return `taken back when ${metric} (${statistic}, ${metricUnits[metric]}) ${direction} ${boundWords(rule)}, ${evidence}`;
}

function boundWords(rule: WindowRule): string {
  if (rule.kind === "absolute") return `${rule.limit} ${metricUnits[rule.metric]}`;
  const by = rule.tolerance === 0 ? "" : ` by more than ${percent(rule.tolerance)}`;
  return `the baseline measured at the same time${by}`;
}

function testWords(rule: TestRule): string {
  const { metric, worse, alpha, minSamples } = rule;
  const unit = metricUnits[metric];
  if (rule.kind === "share")
    return `no verdict while the canary shows another share of ${metric} samples than ${shareWords(rule)}, at a chance of ${percent(alpha)}`;
  const direction = worse === "higher" ? "above" : "below";
  const by = unit === "ratio" ? `${rule.minEffect}` : percent(rule.minEffect);
  const than =
    rule.kind === "sequential-limit"
      ? `${rule.limit} ${unit} and not the baseline's too`
      : `the baseline measured at the same time${rule.tolerance === 0 ? "" : `, tolerating ${percent(rule.tolerance)}`}`;
  return (
    `taken back when ${metric} (${unit}) is shown to be ${direction} ${than}, by ${by} or more; ` +
    `a harmless patch ever with a chance of ${percent(alpha)}; healthy from ${minSamples} samples on`
  );
}

/** What holds over many patches, where anything does and any test may take one back. */
function rowWords({ falseRevertRatio = 1, rules }: Policy): string[] {
  const isTested = rules.some(({ kind }) => kind === "sequential" || kind === "sequential-limit");
  if (!isTested || falseRevertRatio >= 1) return [];
  return [
    `Over many patches of one target branch at most ${percent(falseRevertRatio)} of those taken back by tests are harmless, in expectation.`,
  ];
}

/** A policy is never changed by what was measured: whoever owns it is told. */
function noiseWords(rule: Rule): string[] {
  const needed = rule.kind === "sequential" ? neededTolerance(rule) : undefined;
  if (rule.kind !== "sequential" || needed === undefined) return [];
  return [
    `Rule "${rule.id}" tolerates too little: two equal arms were measured to need ${percent(needed)}, and it has ${percent(rule.tolerance)}; it may take back what does no harm.`,
  ];
}

/** What of the traffic nobody checks. Stages may still come from the repository, where its traffic is steered. */
function splitWords({ stages, rules }: Policy): string[] {
  const isUnchecked = stages.some(isSplit) && !rules.some(({ kind }) => kind === "share");
  if (isUnchecked)
    return [
      "Whether the traffic really splits as the stages say is not checked: no rule is a share.",
    ];
  const unfixed = rules.filter((rule) => rule.kind === "share" && rule.canaryRatio === undefined);
  if (unfixed.length === 0 || stages.some(isSplit)) return [];
  return [
    `No stage here splits the traffic: ${unfixed.map(({ id }) => `"${id}"`).join(", ")} checks nothing without canaryRatio or weightPercent.`,
  ];
}

const shareWords = ({ canaryRatio }: ShareRule) =>
  canaryRatio === undefined ? "the weight of its stage" : percent(canaryRatio);

const times = (count: number) => (count === 1 ? "seen once" : `seen ${count} times in a row`);
const percent = (ratio: number) => `${Number((ratio * 100).toPrecision(4))} %`;

/** Milliseconds in the largest unit that keeps them whole. */
function duration(ms: number): string {
  const units = [
    [86_400_000, "d"],
    [3_600_000, "h"],
    [60_000, "min"],
    [1000, "s"],
  ] as const;
  const [size, name] = units.find(([each]) => ms >= each && ms % each === 0) ?? [1, "ms"];
  return `${ms / size} ${name}`;
}
