import { lineRule, type Rule } from "./rule.ts";

/** P10: what a revert cannot bring back does not land by machine. */
export const dataRules: readonly Rule[] = [
  lineRule(
    {
      ruleId: "data-destroying",
      severity: "error",
      isHard: true,
      message: "the statement destroys data, which no revert restores",
      remedy: "let an operator run it outside the gate",
    },
    (text) =>
      /\b(drop\s+(table|database|schema|column)|truncate\s+(table\s+)?\w)/i.test(text) ||
      (/\bdelete\s+from\s+\S+/i.test(text) && !/\bwhere\b/i.test(text)),
    (path) => /\.sql$|(^|\/)migrations?\//i.test(path),
  ),
];
