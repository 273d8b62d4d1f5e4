import type { Finding, Vote } from "@council/domain";
import type { Mirror } from "@council/git";
import type { AuditedChange, UnreadCode } from "./audited-change.ts";

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
  /** Does what a judgement of this tree will need. It votes on nothing, and a judgement is the same without it. */
  readonly lookAhead?: (expected: ExpectedTree, signal: AbortSignal) => Promise<void>;
}

/** A tree that is likely to be audited soon. */
export interface ExpectedTree {
  readonly repository: string;
  readonly mirror: Mirror;
  readonly tree: string;
}

/** Errors reject, unless they are waived; everything else approves. P10: hard ones are never waived. */
export function judgementOf(findings: readonly Finding[]): Judgement {
  const isBad = findings.some(
    ({ isHard, severity, waivedBy }) => isHard || (severity === "error" && waivedBy === undefined),
  );
  return { verdict: isBad ? "reject" : "approve", findings };
}

/** The head could not judge, and says why. */
export function abstain(ruleId: string, message: string): Judgement {
  return { verdict: "abstain", findings: [{ ruleId, severity: "info", isHard: false, message }] };
}

/**
 * A change that no head looks at. P10: a text that hides what it does, or reaches for what no patch or not
 * this sender may touch, is a veto of every head; one that is too large to be read is rejected; anything
 * else the head cannot judge (P3).
 */
export function unread(code: UnreadCode, reason: string): Judgement {
  const voice = [unsafeDiff, forbiddenPath, oversizedDiff].find(({ ruleId }) => ruleId === code);
  if (!voice) return abstain(code, reason);
  return judgementOf([{ ...voice, message: `${voice.message}: ${reason}` }]);
}

/** Before any rule is asked: what every head can read. */
export const oversizedDiff = {
  ruleId: "oversized-diff",
  severity: "error",
  isHard: false,
  message: "the diff is larger than a head reads",
  remedy: "send it in parts, and leave generated files out",
} as const;

/** Before any rule is asked: forms and paths that the text of a diff must keep. */
export const unsafeDiff = {
  ruleId: "unsafe-diff",
  severity: "error",
  isHard: true,
  message: "the diff is malformed, binary, or names what no patch may touch",
  remedy: "send a plain unified diff of text files, as git writes it",
} as const;

/** The tree, not the text, says what is touched: a task's render and a later revision are held to it as well. */
export const forbiddenPath = {
  ruleId: "forbidden-path",
  severity: "error",
  isHard: true,
  message: "the change touches what its sender may not",
  remedy: "leave it out, or let somebody send it who may",
} as const;
