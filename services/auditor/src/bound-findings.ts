import type { Finding } from "@council/domain";
import { redactText } from "@council/runtime";

/** What fits into one sealed vote with room to spare, whatever the characters. */
const limits = { findings: 100, characters: 40_000, message: 1800, remedy: 300, path: 300 };
const rank = { error: 0, question: 1, warning: 2, info: 3 } as const;

/**
 * The findings as they can be signed: few and short enough that the vote is never too large to be
 * taken, and of text that every reader reads alike. P10: hard findings come first, so that no heap of
 * others can push a veto out.
 */
export function boundFindings(findings: readonly Finding[]): Finding[] {
  const ranked = findings.toSorted(
    (one, other) =>
      Number(other.isHard) - Number(one.isHard) || rank[one.severity] - rank[other.severity],
  );
  const kept: Finding[] = [];
  let characters = 0;
  for (const finding of ranked.map(shortened)) {
    const { path = "", message, remedy = "" } = finding;
    characters += path.length + message.length + remedy.length;
    if (kept.length >= limits.findings || characters > limits.characters) break;
    kept.push(finding);
  }
  const left = findings.length - kept.length;
  if (left === 0) return kept;
  const message = `${left} more findings are left out`;
  return [...kept, { ruleId: "more-findings", severity: "info", isHard: false, message }];
}

function shortened(finding: Finding): Finding {
  const { path, remedy } = finding;
  return {
    ...finding,
    message: plain(finding.message, limits.message),
    ...(path === undefined ? {} : { path: plain(path, limits.path) }),
    ...(remedy === undefined ? {} : { remedy: plain(remedy, limits.remedy) }),
  };
}

/** Without secrets, which a head may have quoted; cut at its end; broken characters, which cannot be signed, and control characters are replaced. */
function plain(text: string, length: number): string {
  const clean = redactText(text);
  const short = clean.length > length ? `${clean.slice(0, length - 1)}…` : clean;
  return short.toWellFormed().replaceAll(/[^\P{Cc}\n\t]/gu, "?");
}
