import type { Finding } from "@council/domain";
import type { AuditedChange } from "../audited-change.ts";
import { type Head, judgementOf } from "../head.ts";
import { allRules } from "../rules/all-rules.ts";
import type { Rule } from "../rules/rule.ts";

/** The deterministic rules. Each sees the whole change; together they veto, reject or approve. */
export const rulesHead: Head = headOfRules(allRules);

/** P10: a rule that a change makes fail has found something, not nothing. */
export function headOfRules(rules: readonly Rule[]): Head {
  return {
    name: "rules",
    judge: (change) =>
      Promise.resolve(judgementOf(rules.flatMap((rule) => appliedOrFailed(rule, change)))),
  };
}

function appliedOrFailed(rule: Rule, change: AuditedChange): readonly Finding[] {
  try {
    return rule(change);
  } catch (error) {
    const message = `a rule failed on this change: ${error instanceof Error ? error.message : "unknown"}`;
    return [{ ruleId: "rule-failed", severity: "error", isHard: true, message }];
  }
}
