/** A patch's history with real seals and signatures, and the bundle of it. */
import type { EvidenceBundle } from "@council/contracts";
import { payloadTypes } from "@council/contracts";
import {
  type Candidate,
  decide,
  defaultPolicy,
  type Patch,
  type PatchCommand,
  type PatchEvent,
  type PatchState,
  type Vote,
  ungoverned,
} from "@council/domain";
import {
  candidateDigest,
  chainEntry,
  digestOf,
  generateHeadKey,
  metaHashOf,
  revealKey,
  sealVote,
  sha256Hex,
  signEnvelope,
} from "@council/evidence";

export const heads = ["rules", "proof", "contract"] as const;
const keys = new Map<string, ReturnType<typeof generateHeadKey>>(
  heads.map((head) => [head, generateHeadKey()]),
);
export const headKeys = new Map([...keys].map(([head, { publicKey }]) => [head, publicKey]));
export const diff = Buffer.from("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-1\n+2\n");
export const patch: Patch = {
  id: "p03-abcdefgh",
  repository: "shop",
  targetBranch: "main",
  base: "b".repeat(40),
  diff: sha256Hex(diff),
  title: "An example",
  author: "ann",
  sender: "ci",
  submittedAt: 1000,
  policy: defaultPolicy,
};

const semanticDigest = "5".repeat(64);
const risk = { tier: "service", riskTags: [], paths: ["x"] } as const;

function candidateOn(base: string, tree: string) {
  const names = { base, tree, diff: sha256Hex(diff) };
  return { ...names, digest: candidateDigest(names), semanticDigest, ...risk };
}

/** A head's signed and sealed approval, and the key to it. */
function sealedVote(of: Patch, head: string, nonce: string, candidate: Candidate) {
  const { base, tree, digest } = candidate;
  const binding = { base, tree, semanticDigest, policyDigest: digestOf(of.policy) };
  const said = { digest, verdict: "approve", findings: [] } as const;
  const about = { patchId: of.id, head, nonce, binding, expiresAt: 9000 };
  const vote: Vote = { ...about, ...said, metaHash: metaHashOf(said) };
  const { privateKey } = keys.get(head) ?? generateHeadKey();
  const context = `${of.id}/${nonce}/${head}`;
  const envelope = signEnvelope({ payloadType: payloadTypes.vote, payload: vote, privateKey });
  const seal = sealVote({ envelope, privateKey, context });
  return { head, vote, seal, key: revealKey({ privateKey, context }) };
}

/**
 * A patch's life up to its landing by the real decisions, with real seals and signatures; before it landed
 * its base moved as often as is said.
 */
export function history(of: Patch = patch, moves: readonly string[] = []): PatchEvent[] {
  const events: PatchEvent[] = [];
  let state: PatchState | undefined;
  let nonce = "m1";
  const give = (command: PatchCommand) => {
    const facts = { now: 1000, cause: nonce, governance: ungoverned, suspended: [] };
    const decision = decide(state, command, facts);
    if (decision.kind !== "accepted") throw new Error(decision.reason);
    state = decision.state;
    events.push(...decision.events);
  };
  give({ type: "submit", patch: of });
  for (const [round, base] of [of.base, ...moves].entries()) {
    nonce = `m${round + 1}`;
    const candidate = candidateOn(base, `${round}`.repeat(40));
    const variance = { kind: "measured", low: 0, high: 0 } as const;
    const comparison = { kind: "compared", candidate, variance, critical: [] } as const;
    give({ type: "record-comparison", base, comparison });
    const asked = state?.kind === "auditing" ? state.round.asked : [];
    const sealed = asked.map((head) => sealedVote(of, head, nonce, candidate));
    for (const { head, seal } of sealed) give({ type: "record-seal", head, nonce, seal });
    for (const { head, vote, key } of sealed)
      give({ type: "record-opening", head, nonce, opening: { kind: "valid", vote, key } });
    give({ type: "grant-lane", token: round + 1 });
    const started = events.findLast(({ type }) => type === "LandingStarted") as never;
    const { stage, effectId } = started;
    const landing = { stage, branch: "main", commit: "d".repeat(40), parent: base };
    const head = moves[round];
    const outcome = head
      ? ({ kind: "base-moved", head } as const)
      : ({ kind: "landed", ...landing, tree: candidate.tree } as const);
    give({ type: "record-landing", effectId, outcome });
  }
  return events;
}

/** A bundle with a chain that holds, whatever the events say. */
export function bundleOf(events: readonly PatchEvent[]): EvidenceBundle {
  let chainHead: string | null = null;
  const entries = events.map((event, index) => {
    const entry = { v: 1, patchId: patch.id, sequence: index + 1, at: 1000, event };
    const chained = chainEntry({ prev: chainHead, entry });
    chainHead = chained.digest;
    return chained;
  });
  const diffs = { [sha256Hex(diff)]: diff.toString("base64") };
  return { v: 1, patchId: patch.id, chainHead: chainHead ?? "", entries, diffs };
}
