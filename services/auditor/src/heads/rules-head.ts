import type { AuditedChange } from "../audited-change.ts";
import { type Head, judgementOf } from "../head.ts";
import { allRules } from "../rules/all-rules.ts";

/** The deterministic rules. Each sees the whole change; together they veto, reject or approve. */
export const rulesHead: Head = {
  name: "rules",
  judge: (change: AuditedChange) =>
    Promise.resolve(judgementOf(allRules.flatMap((rule) => rule(change)))),
};
