import type { Finding } from "@council/domain";
import { allRules } from "./all-rules.ts";
import { applyRules } from "./apply-rules.ts";
import type { RuleInput } from "./rule.ts";

/** Runs in a worker thread: hostile text can make it slow or end it, never the service. */
export function applyAllRules(input: RuleInput): Promise<Finding[]> {
  return applyRules(allRules, input);
}
