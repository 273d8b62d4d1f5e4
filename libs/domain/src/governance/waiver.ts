import { matchesPattern } from "../path-pattern.ts";
import type { Finding } from "../quorum.ts";
import type { Operator } from "./operator.ts";
import { isInForce } from "./stop.ts";

/** Somebody's word that what one rule finds in some paths of a repository holds nothing up, until a time. */
export interface Waiver {
  readonly id: string;
  readonly repository: string;
  readonly ruleId: string;
  /** A pattern, to the letter. What a rule finds in no file cannot be waived. */
  readonly path: string;
  readonly until: number;
  /** Whose token it was, and what it could do then. */
  readonly by: Operator;
  readonly actor: string;
  readonly reason: string;
  readonly since: number;
}

/** What counts for a round of votes that begins now, on a change of these paths. */
export function waiversOf(
  waivers: readonly Waiver[],
  change: { readonly repository: string; readonly paths: readonly string[] },
  now: number,
): readonly Waiver[] {
  const isMeant = ({ repository, path: pattern }: Waiver) =>
    repository === change.repository && change.paths.some((path) => matchesPattern(path, pattern));
  return waivers.filter((waiver) => isInForce(waiver, now) && isMeant(waiver));
}

/** P10: a hard finding is covered by none. */
const covers = (waiver: Waiver, { ruleId, path, isHard }: Finding) =>
  !isHard && path !== undefined && waiver.ruleId === ruleId && matchesPattern(path, waiver.path);

/**
 * The same findings, those that are waived with the waiver's id. They stay in the vote: who waives a finding
 * does not unsee it.
 */
export function waive(findings: readonly Finding[], waivers: readonly Waiver[]): Finding[] {
  return findings.map((finding) => {
    const waiver = waivers.find((each) => covers(each, finding));
    return waiver ? { ...finding, waivedBy: waiver.id } : finding;
  });
}

/** Whether a finding is waived by one of these; a head's word alone waives nothing (P10, P11). */
export const isWaived = (finding: Finding, waivers: readonly Waiver[]): boolean =>
  waivers.some((waiver) => waiver.id === finding.waivedBy && covers(waiver, finding));
