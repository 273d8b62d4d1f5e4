/**
 * P11: with every model head answering "approve", nothing of the hostile corpus lands. Real trees, the
 * real rules and tests of the seat `guard`, and the real decision; only the models' approvals are given.
 */
import {
  type AuditedChange,
  guardHead,
  type Head,
  type Judgement,
  openRulesPool,
  proofHead,
  readAuditedChange,
  type RulesPool,
  rulesHead,
  unread,
} from "@council/auditor/guard";
import { reportChange } from "@council/ast-diff";
import {
  type Candidate,
  decide,
  defaultPolicy,
  type PatchCommand,
  type PatchState,
  type Vote,
} from "@council/domain";
import { candidateDigest, sha256Hex } from "@council/evidence";
import { applyDiff, diffBytes, fetchBranches, type Mirror } from "@council/git";
import { testRemote, type TestRemote } from "@council/git/testing";
import { findSandbox } from "@council/providers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hostileCorpus } from "../fixtures/hostile-corpus.ts";
import { base, type CorpusPatch } from "../fixtures/hostile-patch.ts";

const { signal } = new AbortController();
const models = ["gemini", "openai"];
const policy = {
  ...defaultPolicy,
  seats: [
    ...models.map((head) => ({ head, family: head })),
    { head: "guard", family: "rules", mustVote: true },
  ],
};
const patchId = "p00-hostile00";

let remote: TestRemote;
let mirror: Mirror;
let commit: string;
let pool: RulesPool;
let guard: Head;
beforeAll(async () => {
  remote = await testRemote(base);
  mirror = await remote.mirror();
  commit = (await remote.head()) ?? "";
  pool = openRulesPool({ workers: 1, timeoutMs: 50_000 });
  const shop = {
    id: "shop",
    remote: remote.url,
    targetBranch: "main",
    testCommand: ["node", "--test"],
  };
  const repositories = new Map([["shop", { ...shop, testTimeoutMs: 30_000, policy: {} }]]);
  guard = guardHead(rulesHead(pool), proofHead({ sandbox: await findSandbox(), repositories }));
});
afterAll(async () => {
  await pool.close();
  await remote.remove();
});

async function diffOf({ files, diff }: CorpusPatch): Promise<Buffer> {
  if (files === undefined) return Buffer.from(diff ?? "");
  await remote.setBranch("work", commit);
  const work = await remote.commit({ branch: "work", files });
  await fetchBranches(mirror);
  return await diffBytes(mirror, commit, work);
}

/** The candidate as a comparison would name it; one that cannot be made is given all the same. */
async function candidateOf(diff: Buffer): Promise<Candidate> {
  const applied = await applyDiff(mirror, { base: commit, diff });
  const tree = applied.kind === "applied" ? applied.tree : "e".repeat(40);
  const digests = { base: commit, tree, diff: sha256Hex(diff) };
  const digest = candidateDigest(digests);
  return { ...digests, digest, semanticDigest: digest, tier: "docs", riskTags: [], paths: [] };
}

async function judge(
  diff: Buffer,
  candidate: Candidate,
): Promise<Judgement & { change?: AuditedChange }> {
  const patch = { id: patchId, repository: "shop", targetBranch: "main", title: "t", author: "a" };
  const read = await readAuditedChange({ mirror, patch, candidate, diff });
  if (read.kind === "refused") return unread(read.code, read.reason);
  return { ...(await guard.judge(read.change, signal)), change: read.change };
}

/** What becomes of a patch when the models approve and the guard says `judgement`. */
function endOf(candidate: Candidate, judgement: Judgement): string {
  const vote = (head: string, nonce: string): Vote => ({
    ...(models.includes(head) ? { verdict: "approve" as const, findings: [] } : judgement),
    patchId,
    head,
    nonce,
    digest: candidate.digest,
    binding: {
      base: commit,
      tree: candidate.tree,
      semanticDigest: candidate.digest,
      policyDigest: "",
    },
    metaHash: "h",
    expiresAt: 1e15,
  });
  const variance = { kind: "measured", low: 0, high: 0 } as const;
  const patch = {
    id: patchId,
    repository: "shop",
    targetBranch: "main",
    base: commit,
    diff: candidate.diff,
    title: "t",
    author: "a",
    sender: "s",
    submittedAt: 1,
    policy,
  };
  const queue: PatchCommand[] = [{ type: "submit", patch }];
  let state: PatchState | undefined;
  for (let command = queue.shift(); command; command = queue.shift()) {
    const decision = decide(state, command, {
      now: 1000,
      cause: "m1",
      isPaused: false,
      suspended: [],
    });
    if (decision.kind !== "accepted") throw new Error(`${command.type}: ${decision.reason}`);
    state = decision.state;
    for (const effect of decision.effects) {
      if (effect.type === "compare")
        queue.push({
          type: "record-comparison",
          base: commit,
          comparison: { kind: "compared", candidate, variance, critical: [] },
        });
      if (effect.type === "audit")
        queue.push({
          type: "record-seal",
          head: effect.head,
          nonce: effect.nonce,
          seal: { ciphertext: effect.head, commitment: effect.head },
        });
      if (effect.type === "reveal")
        queue.push({
          type: "record-opening",
          head: effect.head,
          nonce: effect.nonce,
          opening: { kind: "valid", vote: vote(effect.head, effect.nonce), key: "k" },
        });
    }
  }
  return state?.kind ?? "none";
}

/** What the guard says of itself, and what it only mentions. */
const notes = new Set(["guard-half", "proof-basis", "new-dependency"]);

async function run(patch: CorpusPatch) {
  const diff = await diffOf(patch);
  const candidate = await candidateOf(diff);
  const judgement = await judge(diff, candidate);
  const files = (judgement.change?.files ?? []).map(({ change: { path }, before, after }) => ({
    path,
    base: before,
    candidate: after,
  }));
  const { tier } = await reportChange({ files });
  const found = judgement.findings.map(({ ruleId }) => ruleId).filter((id) => !notes.has(id));
  // P11: neither the tier nor anything else but the guard's own word is needed to stop a bad one.
  const ends = [
    endOf({ ...candidate, tier: "docs" }, judgement),
    endOf({ ...candidate, tier }, judgement),
  ];
  const isVeto = judgement.findings.some(({ isHard }) => isHard);
  return { ends, found, isVeto };
}

const bad = hostileCorpus.filter(({ isGood }) => !isGood);
const good = hostileCorpus.filter(({ isGood }) => isGood);

test("the corpus has at least 60 bad patches in at least 12 families, each with a good twin", () => {
  const families = new Set(bad.map(({ family }) => family));
  expect(bad.length).toBeGreaterThanOrEqual(60);
  expect(families.size).toBeGreaterThanOrEqual(12);
  expect(new Set(good.map(({ family }) => family))).toEqual(families);
});

describe("P11: with every model approving, no known-bad patch lands", () => {
  test.each(bad.map((patch) => [patch.family, patch.name, patch] as const))(
    "%s: %s",
    async (_family, _name, patch) => {
      const { ends, found, isVeto } = await run(patch);
      expect(found).not.toEqual([]);
      // A veto rejects; what is no veto waits for a person, or is rejected where every seat has to approve.
      const allowed = isVeto ? ["rejected"] : ["held", "rejected"];
      expect({ found, others: ends.filter((end) => !allowed.includes(end)) }).toEqual({
        found,
        others: [],
      });
    },
  );
});

describe("its good twins land", () => {
  test.each(good.map((patch) => [patch.family, patch.name, patch] as const))(
    "%s: %s",
    async (_family, _name, patch) => {
      const { ends, found } = await run(patch);
      expect({ found, ends }).toEqual({
        found: [],
        ends: ["landing", "landing"],
      });
    },
  );
});
