import type { Tier } from "@council/domain";
import { fileName, languageOf } from "./language.ts";
import { hasGrammar } from "./languages/load-readers.ts";

export interface PathRisk {
  /** The least tier a change to this file can have. */
  readonly tier: Tier;
  readonly tag?: string;
  /** Whether the text is to be searched for statements that drop or alter data. */
  readonly holdsData?: true;
  /** Nothing is known of files like this one. */
  readonly isUnknown?: true;
}

/** What a path says about a file, first match wins. Patterns see the path in lower case. */
const rules: readonly (readonly [pattern: RegExp, risk: PathRisk])[] = [
  [
    /(?:^|\/)migrat(?:e|ions?)\/|\.sql$/,
    { tier: "destructive", tag: "migration", holdsData: true },
  ],
  [/\.prisma$|\.dbml$/, { tier: "destructive", tag: "schema", holdsData: true }],
  [
    /(?:^|\/)(?:package\.json|[\w.-]*lock(?:\.json|\.ya?ml)?|npm-shrinkwrap\.json|go\.(?:mod|sum)|requirements[\w.-]*\.txt|constraints\.txt|cargo\.toml|pyproject\.toml)$/,
    { tier: "destructive", tag: "dependencies" },
  ],
  [
    /(?:^|\/)(?:\.github|\.gitlab|\.circleci|\.ci|\.buildkite|\.husky)\/|(?:^|\/)(?:\.gitlab-ci\.yml|jenkinsfile|azure-pipelines\.ya?ml|codeowners)$/,
    { tier: "destructive", tag: "ci" },
  ],
  [
    /(?:^|\/)(?:dockerfile|docker-compose|compose\.ya?ml|makefile|cmakelists\.txt)|\.dockerfile$|\.tf(?:vars)?$|(?:^|\/)(?:helm|k8s|terraform)\//,
    { tier: "destructive", tag: "infrastructure" },
  ],
  // Text that machines take orders from is configuration, whatever its extension.
  [
    /(?:^|\/)(?:claude|agents|gemini|copilot-instructions|skill)\.md$|(?:^|\/)\.(?:cursor|claude)/,
    { tier: "destructive", tag: "agent-instructions" },
  ],
  [
    /(?:^|\/)\.[^/]+|\.config\.[cm]?[jt]sx?$|(?:^|\/)robots\.txt$|\.(?:json|jsonc|ya?ml|toml|ini|env|properties|sh)$/,
    { tier: "destructive", tag: "configuration" },
  ],
];

/** The risk a file carries by its place and kind. Anything not known is destructive. */
export function riskOfPath(path: string): PathRisk {
  const lower = path.toLowerCase();
  const rule = rules.find(([pattern]) => pattern.test(lower));
  if (rule) return rule[1];
  const language = languageOf(path);
  if (
    language === "markdown" ||
    language === "text" ||
    /^(?:license|readme|notice)$/i.test(fileName(path))
  )
    return { tier: "docs" };
  if (hasGrammar(path)) return { tier: "service" };
  return { tier: "destructive", tag: "unknown-language", isUnknown: true };
}

const destroyingSql =
  /\b(?:drop\s+(?:table|column|database|schema|view|index|constraint|type|materialized)|truncate\s|delete\s+from\s|alter\s+(?:table|type|column|database)|update\s+\S+\s+set\s|rename\s+(?:to|column|table)|replace\s+into\s|merge\s+into\s)/i;

/** Whether SQL in a text drops or alters data. Comments count as spaces, as they do to a database. */
export function destroysData(text: string): boolean {
  return destroyingSql.test(text) || destroyingSql.test(withoutComments(text));
}

/** By hand: a pattern takes quadratic time on comments that are opened and never closed. */
function withoutComments(sql: string): string {
  const parts: string[] = [];
  let at = 0;
  while (at < sql.length) {
    const block = indexFrom(sql, "/*", at);
    const line = indexFrom(sql, "--", at);
    const start = Math.min(block, line);
    parts.push(sql.slice(at, start));
    if (start === sql.length) break;
    at = block < line ? indexFrom(sql, "*/", block + 2) + 2 : indexFrom(sql, "\n", line);
  }
  return parts.join(" ");
}

function indexFrom(text: string, part: string, from: number): number {
  const found = text.indexOf(part, from);
  return found < 0 ? text.length : found;
}

/** Whether some line that says something is gone. */
export function losesLines(base: string, candidate: string): boolean {
  const kept = new Set(candidate.split("\n").map((line) => line.trim()));
  return base.split("\n").some((line) => line.trim() !== "" && !kept.has(line.trim()));
}
