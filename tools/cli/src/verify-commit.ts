/**
 * Checks one commit of Council's against the record of its patch: what its trailers name, who signed it,
 * and whether its tree is the one that was audited, or that the revert was recorded with (P9).
 */
import { type EvidenceBundle, trailers as names } from "@council/contracts";
import { type PatchEvent } from "@council/domain";
import { verifyChain } from "@council/evidence";
import type { InspectedCommit } from "@council/git";

export interface CheckedLine {
  readonly isGood: boolean;
  readonly text: string;
}

/** What the commit says it is, from its trailers alone. */
export type Claim =
  | { readonly kind: "landing"; readonly patchId: string; readonly stage: string }
  | { readonly kind: "revert"; readonly patchId: string; readonly of: string }
  /** Council's, and of no patch: it levels a stage branch, or moves a fence. */
  | { readonly kind: "upkeep" }
  | { readonly kind: "foreign" };

export function claimOf({ trailers }: InspectedCommit): Claim {
  const { patch: patchId, reverts: of, stage = "", effect, token, sync } = valuesOf(trailers);
  if (patchId !== undefined && of !== undefined) return { kind: "revert", patchId, of };
  if (patchId !== undefined && effect !== undefined) return { kind: "landing", patchId, stage };
  return sync !== undefined || token !== undefined ? { kind: "upkeep" } : { kind: "foreign" };
}

/** One line for each thing that was checked; without a bundle the record is not looked at. */
export function checkCommit(
  commit: InspectedCommit,
  bundle: EvidenceBundle | undefined,
): readonly CheckedLine[] {
  const claim = claimOf(commit);
  return [...claimLines(claim), ...signatureLines(commit), ...recordLines(commit, claim, bundle)];
}

function claimLines(claim: Claim): CheckedLine[] {
  switch (claim.kind) {
    case "landing":
      return [good(`trailers: a landing of ${claim.patchId} on stage ${claim.stage}`)];
    case "revert":
      return [good(`trailers: the revert of ${claim.of}, a landing of ${claim.patchId}`)];
    case "upkeep":
      return [good("trailers: Council's own upkeep, of no patch")];
    case "foreign":
      return [bad("trailers: none of Council's; this is somebody else's commit")];
  }
}

function signatureLines({ signature }: InspectedCommit): CheckedLine[] {
  switch (signature?.kind) {
    case undefined:
      return [];
    case "good":
      return [good(`signature: ${signature.principal}, ${signature.key}`)];
    case "unsigned":
      return [bad("signature: there is none")];
    case "bad":
      return [bad(`signature: ${signature.reason}`)];
  }
}

function recordLines(
  commit: InspectedCommit,
  claim: Claim,
  bundle: EvidenceBundle | undefined,
): CheckedLine[] {
  if (bundle === undefined || claim.kind === "upkeep" || claim.kind === "foreign") return [];
  if (claim.patchId !== bundle.patchId)
    return [bad(`record: it is of ${bundle.patchId}, the commit of ${claim.patchId}`)];
  const chain = verifyChain(bundle.entries);
  if (chain.kind === "broken") return [bad(`record: entry ${chain.index + 1}: ${chain.reason}`)];
  const events = bundle.entries.map(({ event }) => event as PatchEvent);
  return claim.kind === "landing"
    ? landingLines(commit, events)
    : [revertLine(commit, claim.of, events)];
}

function landingLines(
  { commit, tree, trailers }: InspectedCommit,
  events: readonly PatchEvent[],
): CheckedLine[] {
  const at = events.findIndex(
    (event) => event.type === "Landed" && event.landing.commit === commit,
  );
  if (at < 0) return [bad("record: it knows of no such landing")];
  const audit = events.slice(0, at).findLast((event) => event.type === "AuditStarted")?.candidate;
  const { auditedTree, decision } = valuesOf(trailers);
  return [
    tree === audit?.tree && tree === auditedTree
      ? good(`tree: ${tree}, as audited`)
      : bad(`tree: ${tree}; audited was ${audit?.tree ?? "nothing"}`),
    decision === audit?.digest
      ? good(`decision: ${decision}`)
      : bad(`decision: the commit names ${decision}, the record ${audit?.digest}`),
  ];
}

function revertLine(
  { commit, tree }: InspectedCommit,
  of: string,
  events: readonly PatchEvent[],
): CheckedLine {
  const reverts = events.flatMap((event) =>
    event.type === "Reverted" || event.type === "RevertBlocked" ? event.reverts : [],
  );
  const found = reverts.find((revert) => revert.commit === commit);
  if (!found) return bad("record: it knows of no such revert");
  return found.tree === tree && found.landing === of
    ? good(`tree: ${tree}, as recorded; restored ${found.restored}`)
    : bad(`tree: ${tree} for ${of}; recorded is ${found.tree} for ${found.landing}`);
}

function valuesOf(trailers: InspectedCommit["trailers"]) {
  const value = (name: string) => trailers.find(([key]) => key === name)?.[1];
  return {
    patch: value(names.patch),
    effect: value(names.effect),
    stage: value(names.stage),
    reverts: value(names.reverts),
    auditedTree: value(names.auditedTree),
    decision: value(names.decision),
    token: value(names.token),
    sync: value("Council-Sync"),
  };
}

const good = (text: string): CheckedLine => ({ isGood: true, text });
const bad = (text: string): CheckedLine => ({ isGood: false, text });
