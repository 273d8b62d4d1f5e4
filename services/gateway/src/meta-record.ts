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
  /** Of the two renders; `null` while none were compared. */
  readonly qa_300_dual_render: DualRender | null;
}

/** Ratios from 0 to 1; `null` where the renders could not be measured, or there is one alone. */
interface DualRender {
  /** At least so much is alike. */
  readonly ast_similarity: number | null;
  /** At most so much is apart: the upper end of the variance. */
  readonly semantic_distance: number | null;
  readonly threshold: number | null;
  readonly quorum_decision: "pass" | "fail";
  /** `gemini-audit`, as those tools call it: not alike enough for the auditors' usual majority. */
  readonly route_to: "none" | "gemini-audit";
  readonly files_compared: readonly string[];
  readonly timestamp: string | null;
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
    qa_300_dual_render: dualRender(patch),
  };
}

/** P3: what was not measured, or differs in something critical, has not passed. */
function dualRender({ dossier, timeline }: PatchDetail): DualRender | null {
  const comparison = dossier?.comparison;
  if (comparison?.kind !== "compared") return null;
  const { variance, critical, candidate } = comparison;
  const distance = variance.kind === "measured" ? variance.high : null;
  const submitted = timeline.flatMap(({ event }) =>
    event.type === "PatchSubmitted" ? [event.patch.policy.varianceLimit] : [],
  );
  const threshold = submitted[0] ?? null;
  const isWithin = distance !== null && threshold !== null && distance <= threshold;
  const hasPassed = isWithin && critical.length === 0;
  const recorded = timeline.findLast(({ event }) => event.type === "ComparisonRecorded");
  return {
    ast_similarity: distance === null ? null : 1 - distance,
    semantic_distance: distance,
    threshold,
    quorum_decision: hasPassed ? "pass" : "fail",
    route_to: hasPassed ? "none" : "gemini-audit",
    files_compared: candidate.paths,
    timestamp: recorded ? new Date(recorded.at).toISOString() : null,
  };
}

/** YAML 1.2: every JSON value is YAML, so only the outermost layer is written as lines. */
export function metaYaml(record: MetaRecord): string {
  return Object.entries(record)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join("");
}
