import type { Vote } from "@council/domain";
import { generateHeadKey } from "@council/evidence";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  candidateOf,
  controllerOf,
  keysOf,
  now,
  partition,
  patchId,
  patchOf,
  sealed,
  voteOf,
} from "./example.ts";

type Head = keyof typeof keysOf;
const heads: readonly Head[] = ["rules", "proof", "contract"];
let council: ReturnType<typeof controllerOf>;
let nonce: string;

beforeEach(async () => {
  council = controllerOf();
  await council.tell({ type: "submit", patch: patchOf() } as { type: string });
  const variance = { kind: "measured", low: 0, high: 0 };
  const comparison = { kind: "compared", candidate: candidateOf(), variance, critical: [] };
  const body = { type: "record-comparison", base: patchOf().base, comparison };
  nonce = (await council.tell(body)).id;
});
afterEach(() => council.stop());

const tell = (body: object) => council.tell(body as { type: string });
const seal = (head: string, parts: ReturnType<typeof sealed>) =>
  tell({ type: "record-seal", head, nonce, seal: parts.seal });
const reveal = (head: string, key: string) => tell({ type: "record-key", head, nonce, key });

/** All three heads vote; the rules head's part is what the test bends. */
async function round(bent: ReturnType<typeof sealed>, others: Partial<Vote> = {}) {
  const parts = new Map(
    heads.map((head) => [head, sealed(voteOf(head, nonce, others), keysOf[head])]),
  );
  parts.set("rules", bent);
  for (const [head, part] of parts) await seal(head, part);
  for (const [head, part] of parts) await reveal(head, part.key);
}
const reasons = async () =>
  (await council.events()).flatMap(({ type, reason }) =>
    type === "VoteRefused" || type === "SealRefused" ? [reason] : [],
  );
const recorded = async () =>
  (await council.events()).flatMap((event) =>
    event.type === "VoteRecorded" ? [(event as unknown as { vote: Vote }).vote.head] : [],
  );

describe("P2: votes are counted once they are proven", () => {
  test("three sealed and opened approvals approve", async () => {
    await round(sealed(voteOf("rules", nonce), keysOf.rules));
    expect(await recorded()).toEqual(["rules", "proof", "contract"]);
    expect(await council.state()).toMatchObject({ kind: "landing" });
  });

  test("nothing is opened before all seals are in", async () => {
    const parts = sealed(voteOf("rules", nonce), keysOf.rules);
    await seal("rules", parts);
    await reveal("rules", parts.key);
    expect(await recorded()).toEqual([]);
    expect(await council.sent("auditor:rules")).toHaveLength(1);
  });

  test("P10: one veto rejects, whatever the others say", async () => {
    const findings = [
      { ruleId: "secret", severity: "error", isHard: true, message: "a key" },
    ] as const;
    await round(sealed(voteOf("rules", nonce, { verdict: "reject", findings }), keysOf.rules));
    expect(await council.state()).toMatchObject({
      kind: "rejected",
      reason: "a hard rule was broken",
    });
  });

  const bound = (changes: Partial<Vote["binding"]>) => {
    const { binding } = voteOf("rules", nonce);
    return voteOf("rules", nonce, { binding: { ...binding, ...changes } });
  };
  const flipped = (text: string) => {
    const bytes = Buffer.from(text, "base64");
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    return bytes.toString("base64");
  };
  test.each<[string, () => ReturnType<typeof sealed>, RegExp]>([
    [
      "on another tree",
      () => sealed(bound({ tree: "d".repeat(40) }), keysOf.rules),
      /base or tree differs/,
    ],
    [
      "of another meaning",
      () => sealed(bound({ semanticDigest: "d".repeat(64) }), keysOf.rules),
      /semantic digest differs/,
    ],
    [
      "under another policy",
      () => sealed(bound({ policyDigest: "d".repeat(64) }), keysOf.rules),
      /^another policy/,
    ],
    [
      "signed by a key of no head",
      () => sealed(voteOf("rules", nonce), generateHeadKey()),
      /unknown-key/,
    ],
    [
      "signed by another head's key",
      () => sealed(voteOf("rules", nonce), keysOf.proof),
      /unknown-key/,
    ],
    [
      "for another patch",
      () => sealed(voteOf("rules", nonce, { patchId: "p03-other000" }), keysOf.rules),
      /^cross-patch/,
    ],
    ["for an earlier round", () => sealed(voteOf("rules", "m0"), keysOf.rules), /^replayed/],
    ["in another head's name", () => sealed(voteOf("proof", nonce), keysOf.rules), /^forged/],
    [
      "for another candidate",
      () => sealed(voteOf("rules", nonce, { digest: "d".repeat(64) }), keysOf.rules),
      /^another candidate/,
    ],
    [
      "that has expired",
      () => sealed(voteOf("rules", nonce, { expiresAt: now - 1 }), keysOf.rules),
      /^expired/,
    ],
    [
      "with another explanation than the hashed one",
      () => sealed(voteOf("rules", nonce, { metaHash: "e".repeat(64) }), keysOf.rules),
      /meta hash/,
    ],
    [
      "that says something else than a vote",
      () => sealed({ ...voteOf("rules", nonce), verdict: "perhaps" as "approve" }, keysOf.rules),
      /^not a vote/,
    ],
    [
      "with a flipped byte",
      () => {
        const { seal: good, key } = sealed(voteOf("rules", nonce), keysOf.rules);
        return { seal: { ...good, ciphertext: flipped(good.ciphertext) }, key };
      },
      /does-not-open/,
    ],
    [
      "that is not the one committed to",
      () => {
        const { seal: good, key } = sealed(voteOf("rules", nonce), keysOf.rules);
        return { seal: { ...good, commitment: "f".repeat(64) }, key };
      },
      /commitment-differs/,
    ],
    [
      "whose key is none",
      () => ({ ...sealed(voteOf("rules", nonce), keysOf.rules), key: "AAAA" }),
      /malformed-key/,
    ],
  ])("a vote %s is refused and named", async (_, bent, reason) => {
    await round(bent());
    expect(await recorded()).toEqual(["proof", "contract"]);
    expect(await reasons()).toEqual([expect.stringMatching(reason) as string]);
  });

  test("a refused vote is no approval: the round stays undecided without it", async () => {
    const parts = new Map<Head, ReturnType<typeof sealed>>([
      ["rules", sealed(voteOf("rules", nonce), generateHeadKey())],
      ["proof", sealed(voteOf("proof", nonce, { verdict: "abstain" }), keysOf.proof)],
      ["contract", sealed(voteOf("contract", nonce), keysOf.contract)],
    ]);
    for (const [head, part] of parts) await seal(head, part);
    for (const [head, part] of parts) await reveal(head, part.key);
    expect(await council.state()).toMatchObject({ kind: "held", reason: { kind: "undecided" } });
  });

  test("a second seal, a late one, one without a seat and one for another round change nothing", async () => {
    const good = sealed(voteOf("rules", nonce), keysOf.rules);
    await seal("rules", good);
    await seal("rules", good);
    await seal("rules", sealed(voteOf("rules", nonce, { verdict: "reject" }), keysOf.rules));
    await seal("oracle", good);
    await seal("__proto__", good);
    await tell({ type: "record-seal", head: "proof", nonce: "m0", seal: good.seal });
    expect(await reasons()).toEqual([
      expect.stringMatching(/^double/),
      expect.stringMatching(/^forged/),
      expect.stringMatching(/^forged/),
      expect.stringMatching(/^stale/),
    ]);
    for (const head of ["proof", "contract"] as const)
      await seal(head, sealed(voteOf(head, nonce), keysOf[head]));
    await seal(
      "rules",
      sealed(voteOf("rules", nonce, { findings: [], verdict: "abstain" }), keysOf.rules),
    );
    await reveal("rules", good.key);
    expect(await recorded()).toEqual(["rules"]);
    expect(await council.state()).toMatchObject({ votes: [{ head: "rules", verdict: "approve" }] });
  });

  test("keys of heads without a seat, or given twice, are ignored", async () => {
    const parts = Object.fromEntries(
      heads.map((head) => [head, sealed(voteOf(head, nonce), keysOf[head])]),
    ) as Record<Head, ReturnType<typeof sealed>>;
    for (const head of heads) await seal(head, parts[head]);
    for (const head of ["oracle", "__proto__", "constructor"]) await reveal(head, parts.rules.key);
    await reveal("proof", parts.proof.key);
    await reveal("proof", parts.proof.key);
    expect(await recorded()).toEqual(["proof"]);
    expect(await reasons()).toEqual([]);
    expect(await council.bus.deadLetters()).toEqual([]);
    expect(await council.bus.readState(partition, patchId)).toBeDefined();
  });
});
