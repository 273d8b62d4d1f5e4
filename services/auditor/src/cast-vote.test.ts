import { memoryBus, type Outcome } from "@council/bus";
import { patchCommandSchema, payloadTypes, voteSchema } from "@council/contracts";
import type { Candidate, Finding, Vote } from "@council/domain";
import {
  candidateDigest,
  generateHeadKey,
  keyIdOf,
  metaHashOf,
  openSeal,
  sha256Hex,
  verifyEnvelope,
} from "@council/evidence";
import type { Mirror } from "@council/git";
import { testRemote, type TestRemote } from "@council/git/testing";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { AuditedChange } from "./audited-change.ts";
import { castVote, type Voting } from "./cast-vote.ts";
import { candidateOf, deliveryOf, diffOf, patch, patchId, storeBlob } from "./example.ts";
import { type Head, judgementOf } from "./head.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const { signal } = new AbortController();
const keys = generateHeadKey();
let remote: TestRemote;
let mirror: Mirror;
let diff: Buffer;
let candidate: Candidate;

beforeAll(async () => {
  remote = await testRemote({
    "a.txt": "one\n",
    "gone.txt": "bye\n",
    "latin.txt": Buffer.from([0xe4, 10]),
  });
  mirror = await remote.mirror();
  const files = {
    "a.txt": "one\ntwo\n",
    "gone.txt": null,
    "latin.txt": Buffer.from([0xe4, 0xf6, 10]),
  };
  diff = await diffOf(remote, mirror, files);
  candidate = await candidateOf(remote, mirror, diff);
});
afterAll(() => remote.remove());

/** A head that remembers what it was shown. */
function watchingHead(findings: readonly Finding[] = []) {
  const seen: AuditedChange[] = [];
  const judge: Head["judge"] = (change) => {
    seen.push(change);
    return Promise.resolve(judgementOf(findings));
  };
  return { seen, head: { name: "rules", judge } };
}

function votingOf(head: Head): Voting {
  const mirrors = () => Promise.resolve(mirror);
  return { bus: memoryBus(), mirrors, head, privateKey: keys.privateKey, onVote: () => undefined };
}

const effectOf = (changes: object = {}) => ({
  type: "audit",
  head: "rules",
  nonce: "n1",
  candidate,
  expiresAt: 1_900_000_000_000,
  ...changes,
});

const answered = ({ messages }: Outcome) => patchCommandSchema.parse(messages?.[0]?.message.body);

/** What the head answered, opened with the key it gives up. */
async function vote(voting: Voting, effect = effectOf()): Promise<Vote> {
  const sealed = await castVote(voting, deliveryOf(effect), signal);
  const revealed = await castVote(voting, deliveryOf({ ...effect, type: "reveal" }), signal);
  const { seal } = answered(sealed) as { seal: unknown };
  const { key } = answered(revealed) as { key: string };
  const opened = openSeal({ seal, key });
  if (opened.kind === "refused") throw new Error(opened.reason);
  const ring = new Map([[keyIdOf(keys.publicKey), keys.publicKey]]);
  const verified = verifyEnvelope(opened.envelope, ring, payloadTypes.vote);
  if (verified.kind === "refused") throw new Error(verified.reason);
  return voteSchema.parse(verified.payload) as Vote;
}

describe("a vote", () => {
  test("P2: is bound to what the head recomputed from base and diff", async () => {
    const { head, seen } = watchingHead();
    const voting = votingOf(head);
    await storeBlob(voting.bus, diff, candidate.diff);
    const cast = await vote(voting);
    expect(cast).toMatchObject({ patchId, head: "rules", nonce: "n1", verdict: "approve" });
    expect(cast.digest).toBe(candidate.digest);
    const { base, tree, semanticDigest } = candidate;
    const { policyDigest } = patch;
    expect(cast.binding).toEqual({ base, tree, semanticDigest, policyDigest });
    expect(cast.metaHash).toBe(metaHashOf(cast));
    expect(
      seen[0]?.files.map(({ change: { path, status }, added }) => [path, status, added]),
    ).toEqual([
      ["a.txt", "modified", [{ line: 2, text: "two" }]],
      ["gone.txt", "deleted", [{ line: 1, text: "" }].slice(1)],
      ["latin.txt", "modified", [{ line: 1, text: "\uFFFD\uFFFD" }]],
    ]);
  });

  test("P2: the word of others is not taken: another claimed tree shows in the digest", async () => {
    const { head } = watchingHead();
    const voting = votingOf(head);
    await storeBlob(voting.bus, diff, candidate.diff);
    const tree = "e".repeat(40);
    const digest = candidateDigest({ ...candidate, tree });
    const cast = await vote(voting, effectOf({ candidate: { ...candidate, tree, digest } }));
    expect(cast.digest).toBe(candidate.digest);
    expect(cast.digest).not.toBe(digest);
  });

  test("P2: a stored diff that lost a byte is not looked at", async () => {
    const { head, seen } = watchingHead();
    const voting = votingOf(head);
    const tampered = Buffer.from(diff);
    tampered[tampered.indexOf("two")] = 0x54;
    await storeBlob(voting.bus, tampered, candidate.diff).catch(() => undefined);
    const cast = await vote(voting);
    expect(cast.verdict).toBe("abstain");
    expect(cast.findings[0]?.ruleId).toBe("diff-differs");
    expect(seen).toEqual([]);
  });

  test("P3: a diff that does not apply is abstained from, not a crash", async () => {
    const { head, seen } = watchingHead();
    const voting = votingOf(head);
    const bytes = Buffer.from(diff.toString().replace(" one", " other"));
    const other = { ...candidate, diff: sha256Hex(bytes) };
    await storeBlob(voting.bus, bytes, other.diff);
    const cast = await vote(voting, effectOf({ candidate: other }));
    expect([cast.verdict, cast.findings[0]?.ruleId]).toEqual(["abstain", "does-not-apply"]);
    expect(seen).toEqual([]);
  });

  test("P10: a text that no honest tool writes is a veto of every head", async () => {
    const { head, seen } = watchingHead();
    const voting = votingOf(head);
    const link =
      "diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc\n";
    for (const text of ["not a diff", "", link, `note\n${diff.toString()}`]) {
      const bytes = Buffer.from(text);
      const other = { ...candidate, diff: sha256Hex(bytes) };
      await storeBlob(voting.bus, bytes, other.diff);
      const cast = await vote(voting, effectOf({ candidate: other }));
      expect([text, cast.verdict]).toEqual([text, "reject"]);
      expect(cast.findings[0]).toMatchObject({ ruleId: "unsafe-diff", isHard: true });
    }
    expect(seen).toEqual([]);
  });

  test("a text larger than a head reads is rejected, and is no veto", async () => {
    const { head, seen } = watchingHead();
    const voting = votingOf(head);
    const bytes = Buffer.from(diff.toString().replace("two", "two".repeat(30_000)));
    const other = { ...candidate, diff: sha256Hex(bytes) };
    await storeBlob(voting.bus, bytes, other.diff);
    const cast = await vote(voting, effectOf({ candidate: other }));
    expect([cast.verdict, seen]).toEqual(["reject", []]);
    expect(cast.findings).toMatchObject([{ ruleId: "oversized-diff", isHard: false }]);
    expect(cast.findings[0]?.message).toContain("line-too-long");
  });

  test("P10: a veto among hundreds of findings is still a vote that can be taken", async () => {
    const heap = Array.from({ length: 700 }, (): Finding => {
      return {
        ruleId: "x",
        severity: "error",
        isHard: false,
        path: "p".repeat(4000),
        message: "m",
      };
    });
    const veto: Finding = { ruleId: "secret", severity: "error", isHard: true, message: "\uD800" };
    const voting = votingOf(watchingHead([...heap, veto]).head);
    await storeBlob(voting.bus, diff, candidate.diff);
    const cast = await vote(voting);
    expect(cast.verdict).toBe("reject");
    expect(cast.findings[0]).toMatchObject({ ruleId: "secret", isHard: true });
  });

  test("P1: a second delivery seals the very same vote", async () => {
    const voting = votingOf(watchingHead().head);
    await storeBlob(voting.bus, diff, candidate.diff);
    const first = await castVote(voting, deliveryOf(effectOf()), signal);
    expect(await castVote(voting, deliveryOf(effectOf()), signal)).toEqual(first);
    expect(first.messages?.[0]?.message.id).toBe("m7.1.r");
  });

  test("the key of one round opens no other", async () => {
    const voting = votingOf(watchingHead().head);
    const keyFor = async (nonce: string) => {
      const effect = effectOf({ type: "reveal", nonce });
      const outcome = await castVote(voting, deliveryOf(effect), signal);
      return (answered(outcome) as { key: string }).key;
    };
    expect(await keyFor("n1")).not.toBe(await keyFor("n2"));
  });

  test.each([
    [
      "another head's assignment",
      () => deliveryOf(effectOf({ head: "proof" })),
      /meant for the head/,
    ],
    [
      "another head's key",
      () => deliveryOf(effectOf({ head: "proof", type: "reveal" })),
      /meant for the head/,
    ],
    ["another effect", () => deliveryOf({ type: "render" }), /not for an auditor/],
    ["no assignment", () => deliveryOf({ type: "audit" }, { hello: 1 }), /not for an auditor/],
    ["a diff that is not stored", () => deliveryOf(effectOf()), /not stored/],
  ])("%s is refused loudly", async (_, delivery, reason) => {
    await expect(castVote(votingOf(watchingHead().head), delivery(), signal)).rejects.toThrow(
      reason,
    );
  });
});

test("P10: files that no rule can search are shown without text, however many there are", async () => {
  const large = `${"x".repeat(10_000)}\n`.repeat(300);
  await using other = await testRemote(
    Object.fromEntries(Array.from({ length: 14 }, (_, at) => [`f${at}`, `${at}\n${large}`])),
  );
  const place = await other.mirror();
  const files = Array.from({ length: 14 }, (_, at) => [`f${at}`, `${at}!\n${large}`] as const);
  const bytes = await diffOf(other, place, Object.fromEntries(files));
  const changed = await candidateOf(other, place, bytes);
  const { head, seen } = watchingHead();
  const voting = { ...votingOf(head), mirrors: () => Promise.resolve(place) };
  await storeBlob(voting.bus, bytes, changed.diff);
  await vote(voting, effectOf({ candidate: changed }));
  const read = seen[0]?.files.filter(({ after }) => after !== undefined) ?? [];
  expect(seen[0]?.files).toHaveLength(14);
  expect(read.length).toBeGreaterThan(3);
  expect(read.length).toBeLessThan(12);
});
