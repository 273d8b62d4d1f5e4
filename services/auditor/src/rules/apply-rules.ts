import type { Finding } from "@council/domain";
import type { Rule, RuleInput, RuleVoice } from "./rule.ts";

export const ruleFailed: RuleVoice = {
  ruleId: "rule-failed",
  severity: "error",
  isHard: true,
  message: "a rule failed on this change, or was not done in time",
  remedy: "make the change smaller and plainer; tell the operator if it is neither large nor odd",
};

/** Every finding of these rules. P10: a rule that a change makes fail has found something, not nothing. */
export async function applyRules(rules: readonly Rule[], input: RuleInput): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const rule of rules) {
    try {
      findings.push(...(await rule.check(input)));
    } catch (error) {
      const why = error instanceof Error ? error.message : "unknown";
      findings.push({ ...ruleFailed, message: `${ruleFailed.message}: ${why.slice(0, 300)}` });
    }
  }
  return onceEach(findings);
}

/** Two rules may see the same thing at the same place. */
function onceEach(findings: readonly Finding[]): Finding[] {
  const key = ({ ruleId, path, line, message }: Finding) =>
    JSON.stringify([ruleId, path, line, line === undefined ? message : ""]);
  return [...new Map(findings.toReversed().map((each) => [key(each), each])).values()].toReversed();
}
