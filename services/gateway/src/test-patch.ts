import { defaultPolicy, type Patch, type PatchEvent } from "@council/domain";

/** A patch as the controller would hold it, for the tests of this package. */
export function testPatch(id: string, submittedAt: number, more: Partial<Patch> = {}): Patch {
  return {
    id,
    repository: "sample",
    targetBranch: "main",
    base: "a".repeat(40),
    title: `patch ${id}`,
    author: "ada",
    sender: "demo",
    submittedAt,
    policy: defaultPolicy,
    ...more,
  };
}

export const testCandidate = {
  base: "a".repeat(40),
  tree: "b".repeat(40),
  diff: "c".repeat(64),
  digest: "d".repeat(64),
  semanticDigest: "e".repeat(64),
  tier: "service",
  riskTags: [],
  paths: ["src/a.js"],
} as const;

const landing = {
  stage: "canary",
  branch: "council/canary",
  commit: "1".repeat(40),
  tree: "b".repeat(40),
  parent: "2".repeat(40),
};

const cause = {
  kind: "breach" as const,
  stage: "canary",
  observation: {
    kind: "breach" as const,
    at: 3,
    ruleId: "latency-p95",
    why: "p95 latency 41 ms is over the limit of 25 ms",
    readings: [],
  },
};

const revert = {
  branch: landing.branch,
  commit: "3".repeat(40),
  tree: "4".repeat(40),
  landing: landing.commit,
  restored: "exact",
} as const;

/** From submission to a verified revert. */
export function revertedHistory(patch: Patch): PatchEvent[] {
  return [
    ...auditedHistory(patch),
    { type: "LaneRequested", stage: "canary" },
    { type: "LandingStarted", stage: "canary", token: 1, effectId: "e" },
    { type: "Landed", landing },
    { type: "WatchStarted", stage: "canary" },
    { type: "RevertStarted", cause, effectId: "r", at: 3 },
    { type: "Reverted", reverts: [revert] },
  ];
}

function auditedHistory(patch: Patch): PatchEvent[] {
  const variance = { kind: "measured" as const, low: 0, high: 0.01 };
  const reason = { name: "quorum", holds: true, detail: "2 heads approve", because: [] };
  return [
    { type: "PatchSubmitted", patch },
    { type: "ComparisonStarted", base: patch.base },
    {
      type: "ComparisonRecorded",
      comparison: { kind: "compared", candidate: testCandidate, variance, critical: [] },
    },
    {
      type: "AuditStarted",
      nonce: "n",
      candidate: testCandidate,
      seats: patch.policy.seats,
      requirement: { approvals: 2, reasons: [] },
      suspended: [],
    },
    voteOf(patch, "rules", "approve"),
    voteOf(patch, "proof", "approve"),
    voteOf(patch, "contract", "reject"),
    { type: "VerdictReached", verdict: { kind: "approved", reason } },
  ];
}

function voteOf(patch: Patch, head: string, verdict: "approve" | "reject"): PatchEvent {
  const vote = {
    patchId: patch.id,
    head,
    digest: testCandidate.digest,
    binding: {
      base: testCandidate.base,
      tree: testCandidate.tree,
      semanticDigest: testCandidate.semanticDigest,
      policyDigest: "e".repeat(64),
    },
    nonce: "n",
    verdict,
    findings: [],
    metaHash: "f".repeat(64),
    expiresAt: 9,
  };
  return { type: "VoteRecorded", vote, key: "k" };
}
