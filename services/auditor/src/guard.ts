/** What tests, benchmarks and documents use of the guard; the process itself starts at main.ts. */
export { type AuditedChange, type AuditedFile, readAuditedChange } from "./audited-change.ts";
export { type Head, type Judgement, judgementOf, unread } from "./head.ts";
export { guardHead } from "./heads/guard-head.ts";
export { proofHead } from "./heads/proof-head.ts";
export { rulesHead } from "./heads/rules-head.ts";
export { measureTree } from "./proof/measure-tree.ts";
export { allRules, allVoices } from "./rules/all-rules.ts";
export { applyRules } from "./rules/apply-rules.ts";
export type { Rule, RuleInput, RuleVoice } from "./rules/rule.ts";
export { openRulesPool, type RulesPool } from "./rules/rules-pool.ts";
