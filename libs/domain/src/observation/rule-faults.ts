import {
  metricUnits,
  type Metric,
  type Rule,
  type SequentialRule,
  type ShareRule,
  type TestRule,
  type WindowRule,
} from "./rule.ts";

/** Which way each metric gets worse, where an anytime-valid test knows how to compare it. */
const testable: Partial<Record<Metric, Rule["worse"]>> = {
  latency: "higher",
  cost: "higher",
  accuracy: "lower",
  errors: "higher",
};

/** Every fault of one rule, in words; empty when it can be used. */
export function ruleFaults(rule: Rule): string[] {
  const own =
    rule.kind === "absolute" || rule.kind === "relative" ? windowFaults(rule) : testFaults(rule);
  const faults = [...unitFaults(rule), ...own];
  if (!(rule.minSamples >= 1)) faults.push("would fire on nothing; set minSamples to 1 or more");
  return faults.map((fault) => `rules: "${rule.id}" ${fault}`);
}

/** A number in another unit than the metric's would be a limit nobody meant. */
function unitFaults(rule: Rule): string[] {
  const unit = metricUnits[rule.metric];
  const faults: string[] = [];
  if (rule.unit !== undefined && rule.unit !== unit)
    faults.push(`mixes units: ${rule.metric} is measured in ${unit}, not ${rule.unit}; convert it`);
  if ("limit" in rule && unit === "ratio" && !(rule.limit >= 0 && rule.limit <= 1))
    faults.push(`has no limit in 0 to 1, but ${rule.metric} is a ratio; write 95 % as 0.95`);
  return faults;
}

function windowFaults(rule: WindowRule): string[] {
  const faults: string[] = [];
  if (!(rule.confirmations >= 1)) faults.push("would fire on nothing; set confirmations");
  if (!(rule.windowSamples >= rule.minSamples))
    faults.push("never sees minSamples; raise windowSamples");
  if (!Number.isFinite(rule.kind === "absolute" ? rule.limit : rule.tolerance))
    faults.push("has no limit; use a number");
  return faults;
}

function testFaults(rule: TestRule): string[] {
  const faults: string[] = [];
  if (!(rule.alpha > 0 && rule.alpha <= 0.5))
    faults.push("has no chance of a false alarm; set alpha above 0 and up to 0.5");
  if (rule.kind === "share") return [...faults, ...splitFaults(rule)];
  const worse = testable[rule.metric];
  if (worse === undefined)
    faults.push(`cannot test ${rule.metric}; use kind absolute or relative for it`);
  else if (worse !== rule.worse)
    faults.push(`takes better for worse: ${rule.metric} gets worse ${worse}`);
  if (!(rule.minEffect >= 0)) faults.push("has no least effect; set minEffect to 0 or more");
  if (rule.kind === "sequential-limit") return [...faults, ...limitFaults(rule)];
  return [...faults, ...toleranceFaults(rule)];
}

function toleranceFaults({ metric, tolerance, armNoise }: SequentialRule): string[] {
  const isRatio = metricUnits[metric] === "ratio";
  const faults: string[] = [];
  if (armNoise !== undefined && isRatio)
    faults.push(`tolerates nothing, so armNoise says nothing of ${metric}; remove it`);
  if (!(tolerance >= 0 && Number.isFinite(tolerance)))
    faults.push("has no tolerance; use 0 or more");
  else if (tolerance > 0 && isRatio)
    faults.push(`tolerates a ratio of a ratio; set tolerance 0 and minEffect for ${metric}`);
  return faults;
}

function splitFaults({ canaryRatio }: ShareRule): string[] {
  if (canaryRatio === undefined || (canaryRatio > 0 && canaryRatio < 1)) return [];
  return ["splits nothing; set canaryRatio between 0 and 1"];
}

/** The bets are on multiples of what the limit leaves room for, which must not be nothing. */
function limitFaults(rule: TestRule & { kind: "sequential-limit" }): string[] {
  const room = rule.worse === "lower" ? 1 - rule.limit : rule.limit;
  return room > 0 && Number.isFinite(room) ? [] : ["has no room under its limit; move the limit"];
}
