import type { AuditedFile } from "../audited-change.ts";
import { fileRule, type Rule } from "./rule.ts";

const isAboutData = (path: string) =>
  /\.(sql|ddl|psql|pgsql|mysql)$|(^|\/)(migrations?|migrate|alembic|flyway)\//i.test(path);

/** What may stand between two words of a statement: blanks, line ends, comments. */
const gap = String.raw`(?:\s|/\*(?:[^*]|\*(?!/)){0,500}\*/|--[^\n]{0,500}\n)+`;
const quote = "[\"'`[]?";
const shape = (text: string) => new RegExp(text, "i");

const destroying: readonly RegExp[] = [
  shape(String.raw`\bdrop${gap}(table|database|schema|column|tablespace|materialized)\b`),
  shape(String.raw`\btruncate${gap}(table${gap})?${quote}\w`),
  // The word COLUMN may be left out; what else can be dropped holds no data.
  shape(
    String.raw`\balter${gap}table\b[^;]{1,300}?\bdrop${gap}(?!constraint|index|default|not|foreign|primary|check|key|expression|identity)${quote}\w`,
  ),
  shape(String.raw`\b(drop|remove|delete)_?(table|column|collection|database|schema)s?\s{0,20}\(`),
  // A condition right after the table, that says something, is what makes a deletion a partial one.
  shape(
    String.raw`\bdelete${gap}from\b(?!\s{1,20}(only\s{1,20})?[\w."'${"`"}[\]]{1,200}(\s{1,20}as)?(\s{1,20}(?!where)\w{1,100})?\s{1,20}where\s{1,20}(?!true\b|1\s{0,20}(=\s{0,20}1)?\s{0,20}(;|$)))`,
  ),
];

/** P10: what a revert cannot bring back does not land by machine. */
export const dataRules: readonly Rule[] = [
  fileRule(
    {
      ruleId: "data-destroying",
      severity: "error",
      isHard: true,
      message: "a statement destroys data, which no revert restores",
      remedy: "let an operator run it outside the gate",
    },
    (file) => isAboutData(file.change.path) && destroysData(file),
  ),
];

/** Statements go over lines: what is added is read as one text. */
function destroysData({ added }: AuditedFile): boolean {
  const text = added.map((line) => line.text).join("\n");
  return destroying.some((each) => each.test(text));
}
