import type { EvidenceBundle } from "@council/contracts";
import { payloadTypes } from "@council/contracts";
import {
  decide,
  defaultPolicy,
  type Patch,
  type PatchCommand,
  type PatchEvent,
  type PatchState,
  type Vote,
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
import { describe, expect, test } from "vitest";
import { verifyBundle } from "./verify-bundle.ts";

const heads = ["rules", "proof", "contract"] as const;
const keys = new Map(heads.map((head) => [head, generateHeadKey()]));
const headKeys = new Map([...keys].map(([head, { publicKey }]) => [head as string, publicKey]));
const diff = Buffer.from("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-1\n+2\n");
const patch: Patch = {
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

/** A patch's life up to its landing by the real decisions, with real seals and signatures. */
function history(): PatchEvent[] {
  const events: PatchEvent[] = [];
  let state: PatchState | undefined;
  const give = (command: PatchCommand) => {
    const facts = { now: 1000, cause: "m1", isPaused: false, suspended: [] };
    const decision = decide(state, command, facts);
    if (decision.kind !== "accepted") throw new Error(decision.reason);
    state = decision.state;
    events.push(...decision.events);
  };
  const names = { base: patch.base, tree: "c".repeat(40), diff: sha256Hex(diff) };
  const digest = candidateDigest(names);
  const semanticDigest = "5".repeat(64);
  const risk = { tier: "service", riskTags: [], paths: ["x"] } as const;
  const candidate = { ...names, digest, semanticDigest, ...risk };
  const variance = { kind: "measured", low: 0, high: 0 } as const;
  const comparison = { kind: "compared", candidate, variance, critical: [] } as const;
  give({ type: "submit", patch });
  give({ type: "record-comparison", base: patch.base, comparison });
  const sealed = heads.map((head) => {
    const { base, tree } = names;
    const binding = { base, tree, semanticDigest, policyDigest: digestOf(patch.policy) };
    const said = { digest, verdict: "approve", findings: [] } as const;
    const about = { patchId: patch.id, head, nonce: "m1", binding, expiresAt: 9000 };
    const vote: Vote = { ...about, ...said, metaHash: metaHashOf(said) };
    const { privateKey } = keys.get(head)!;
    const context = `${patch.id}/m1/${head}`;
    const envelope = signEnvelope({ payloadType: payloadTypes.vote, payload: vote, privateKey });
    const seal = sealVote({ envelope, privateKey, context });
    return { head, vote, seal, key: revealKey({ privateKey, context }) };
  });
  for (const { head, seal } of sealed) give({ type: "record-seal", head, nonce: "m1", seal });
  for (const { head, vote, key } of sealed)
    give({ type: "record-opening", head, nonce: "m1", opening: { kind: "valid", vote, key } });
  give({ type: "grant-lane", token: 1 });
  const { stage, effectId } = events.find(({ type }) => type === "LandingStarted") as never;
  const landing = { stage, branch: "main", commit: "d".repeat(40), parent: patch.base };
  const outcome = { kind: "landed", ...landing, tree: names.tree } as const;
  give({ type: "record-landing", effectId, outcome });
  return events;
}

/** A bundle with a chain that holds, whatever the events say. */
function bundleOf(events: readonly PatchEvent[]): EvidenceBundle {
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

const events = history();
const sound = bundleOf(events);

/** The events with one of a type bent, and the chain written anew over them. */
function forged<Type extends PatchEvent["type"]>(
  type: Type,
  bend: (event: Extract<PatchEvent, { type: Type }>) => object,
) {
  const index = events.findIndex((event) => event.type === type);
  const bent = events.with(index, { ...events[index]!, ...bend(events[index] as never) } as never);
  return verifyBundle(bundleOf(bent), headKeys);
}

describe("an evidence bundle", () => {
  test("P5: of a real history is sound, offline, with the public keys alone", () => {
    expect(verifyBundle(JSON.parse(JSON.stringify(sound)), headKeys)).toEqual({
      kind: "sound",
      entries: events.length,
      votes: 3,
      state: "watching",
    });
  });

  test("P2 P5 P9: any flipped bit of it is caught", () => {
    const text = JSON.stringify(sound);
    let seen = 0;
    for (let at = 0; at < text.length; at += 7) {
      const flipped =
        text.slice(0, at) + String.fromCodePoint(text.codePointAt(at)! ^ 1) + text.slice(at + 1);
      let parsed: unknown;
      try {
        parsed = JSON.parse(flipped);
      } catch {
        continue; // no bundle any more
      }
      seen += 1;
      expect([at, verifyBundle(parsed, headKeys).kind]).toEqual([at, "broken"]);
    }
    expect(seen).toBeGreaterThan(500);
  });

  const findings = [{ ruleId: "x", severity: "info", isHard: false, message: "m" }] as const;
  test.each<[string, () => unknown, RegExp]>([
    [
      "a vote turned round",
      () => forged("VoteRecorded", ({ vote }) => ({ vote: { ...vote, verdict: "reject" } })),
      /vote of rules: the ledger says something else than was signed/,
    ],
    [
      "a vote explained anew",
      () => forged("VoteRecorded", ({ vote }) => ({ vote: { ...vote, findings } })),
      /vote of rules: the ledger says something else/,
    ],
    [
      "a seal of other bytes",
      () =>
        forged("VoteSealed", ({ seal }) => ({
          seal: { ...seal, ciphertext: Buffer.alloc(300).toString("base64") },
        })),
      /vote of rules: seal: does-not-open/,
    ],
    [
      "another tree",
      () =>
        forged("AuditStarted", ({ candidate }) => ({
          candidate: { ...candidate, tree: "e".repeat(40) },
        })),
      /candidate: its digest is not that of its base, tree and diff/,
    ],
    [
      "another tree with its right digest",
      () =>
        forged("AuditStarted", ({ candidate }) => {
          const other = { ...candidate, tree: "e".repeat(40) };
          return { candidate: { ...other, digest: candidateDigest(other) } };
        }),
      /vote of rules: was signed for another candidate/,
    ],
    [
      "another policy",
      () =>
        forged("PatchSubmitted", (event) => ({
          patch: { ...event.patch, policy: { ...defaultPolicy, varianceLimit: 1 } },
        })),
      /vote of rules: was signed for another candidate or round/,
    ],
    [
      "a verdict that does not follow",
      () =>
        forged("VerdictReached", ({ verdict }) => ({ verdict: { ...verdict, kind: "rejected" } })),
      /verdict: does not follow/,
    ],
    [
      "a landing of another tree",
      () => forged("Landed", ({ landing }) => ({ landing: { ...landing, tree: "e".repeat(40) } })),
      /not the tree that was audited/,
    ],
    [
      "another diff",
      () => verifyBundle({ ...sound, diffs: { [patch.diff!]: "AAAA" } }, headKeys),
      /diff \w+: missing, or other bytes/,
    ],
    [
      "a cut tail",
      () => verifyBundle({ ...sound, entries: sound.entries.slice(0, -1) }, headKeys),
      /does not end where/,
    ],
    ["no bundle", () => verifyBundle({ v: 2 }, headKeys), /^bundle: /],
    [
      "the keys of others",
      () => verifyBundle(sound, new Map(heads.map((head) => [head, generateHeadKey().publicKey]))),
      /vote of rules: signature: unknown-key/,
    ],
  ])("with %s is broken, and the place is named", (_, verify, reason) => {
    const { kind, faults = [] } = verify() as { kind: string; faults?: string[] };
    expect([kind, faults.some((fault) => reason.test(fault)), faults]).toEqual([
      "broken",
      true,
      faults,
    ]);
  });
});
