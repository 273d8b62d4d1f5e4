import type { Finding, Vote } from "@council/domain";
import type { AuditedChange } from "./audited-change.ts";

/** What a head makes of a change. Abstaining is honest: the head could not find out (P3). */
export interface Judgement {
  readonly verdict: Vote["verdict"];
  readonly findings: readonly Finding[];
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
