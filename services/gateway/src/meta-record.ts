/** The record of a quorum as existing tools read it. It is made from the ledger; nothing reads it back. */
import { explanationAgreement } from "@council/domain";
import type { PatchDetail } from "@council/contracts";

export interface MetaRecord {
  readonly pr_id: string;
  readonly patch: string;
  readonly repository: string | null;
  readonly state: string;
  readonly quorum_passed: boolean;
  readonly quorum_reason: string;
  readonly quorum_timestamp: string | null;
  /** Digest of the candidate: base, tree and diff. */
  readonly audit_hash: string | null;
  readonly votes: readonly {
    readonly head: string;
    readonly verdict: string;
    readonly meta_hash: string;
  }[];
  readonly explanation_agreement: number | null;
  readonly explanation_agreement_method: string;
}

/** P3: a quorum that was never reached has not passed. */
export function metaRecord(patch: PatchDetail): MetaRecord {
  const { dossier, timeline } = patch;
  const verdict = dossier?.verdict;
  const votes = dossier?.votes ?? [];
  const agreement = explanationAgreement(votes);
  const reached = timeline.findLast(({ event }) => event.type === "VerdictReached");
  return {
    pr_id: patch.externalId ?? patch.id,
    patch: patch.id,
    repository: patch.repository ?? null,
    state: patch.kind,
    quorum_passed: verdict?.kind === "approved",
    quorum_reason: verdict?.reason.detail ?? "no verdict yet",
    quorum_timestamp: reached ? new Date(reached.at).toISOString() : null,
    audit_hash: patch.auditHash ?? null,
    votes: votes.map(({ head, verdict: said, metaHash }) => ({
      head,
      verdict: said,
      meta_hash: metaHash,
    })),
    explanation_agreement: agreement.ratio ?? null,
    explanation_agreement_method: agreement.method,
  };
}

/** YAML 1.2: every JSON value is YAML, so only the outermost layer is written as lines. */
export function metaYaml(record: MetaRecord): string {
  return Object.entries(record)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join("");
}
