import type { Finding, Vote } from "@council/domain";
import type { AuditedChange } from "./audited-change.ts";

/** What a head makes of a change. Abstaining is honest: the head could not find out (P3). */
export interface Judgement {
  readonly verdict: Vote["verdict"];
  readonly findings: readonly Finding[];
  /** It abstains because it could not pay for an answer. */
  readonly suspension?: NonNullable<Vote["suspension"]>;
}

/** One auditor's way of judging; a model head is another implementation of the same. */
export interface Head {
  readonly name: string;
  judge(change: AuditedChange, signal: AbortSignal): Promise<Judgement>;
}

/** Errors reject, everything else approves. */
export function judgementOf(findings: readonly Finding[]): Judgement {
  const isBad = findings.some((finding) => finding.isHard || finding.severity === "error");
  return { verdict: isBad ? "reject" : "approve", findings };
}

/** The head could not judge, and says why. */
export function abstain(ruleId: string, message: string): Judgement {
  return { verdict: "abstain", findings: [{ ruleId, severity: "info", isHard: false, message }] };
}

/**
 * A change that could not be made from base and diff. P10: a text that hides what it does, or reaches
 * for what no patch may touch, is a veto of every head; for anything else the head cannot judge (P3).
 */
export function unread(
  code: "diff-differs" | "does-not-apply" | "unsafe-diff",
  reason: string,
): Judgement {
  if (code !== "unsafe-diff") return abstain(code, reason);
  return judgementOf([{ ...unsafeDiff, message: `${unsafeDiff.message}: ${reason}` }]);
}

/** Before any rule is asked: limits of size, forms and paths that the text of a diff must keep. */
export const unsafeDiff = {
  ruleId: "unsafe-diff",
  severity: "error",
  isHard: true,
  message: "the diff is too large, malformed, binary, or names what no patch may touch",
  remedy: "send a plain unified diff of text files, as git writes it",
} as const;
