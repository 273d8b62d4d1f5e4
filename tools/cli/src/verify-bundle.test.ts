import { defaultPolicy, type PatchEvent } from "@council/domain";
import { candidateDigest, generateHeadKey } from "@council/evidence";
import { describe, expect, test } from "vitest";
import { bundleOf, headKeys, heads, history, patch } from "./testing/patch-history.ts";
import { verifyBundle } from "./verify-bundle.ts";

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
      // Another digit may be another spelling of the same number.
      if (JSON.stringify(parsed) === text) continue;
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

describe("votes that outlived a moved base (P6)", () => {
  const seats = [
    { head: "rules", family: "rules", mustVote: true },
    { head: "proof", family: "one", isModel: true },
    { head: "contract", family: "other", isModel: true },
  ];
  const moved = { ...patch, policy: { ...defaultPolicy, seats } };
  const whole = history(moved, ["a".repeat(40), "9".repeat(40)]);
  const audits = whole.flatMap((event, at) => (event.type === "AuditStarted" ? [at] : []));
  const bent = (at: number, changes: object) =>
    verifyBundle(bundleOf(whole.with(at, { ...whole[at]!, ...changes } as never)), headKeys);

  test("are sound: each is proven by the round it was signed in", () => {
    expect(audits.map((at) => whole[at])).toMatchObject([
      {},
      { carried: ["proof", "contract"] },
      { carried: ["proof", "contract"] },
    ]);
    expect(verifyBundle(JSON.parse(JSON.stringify(bundleOf(whole))), headKeys)).toMatchObject({
      kind: "sound",
      votes: 5,
    });
  });

  test("and none that does not count there", () => {
    const broken = {
      kind: "broken",
      faults: expect.arrayContaining([expect.stringContaining("carried over")]) as unknown,
    };
    // Claimed in the first round, left out of a later one, or of a head that looks at the tree.
    expect(bent(audits[0]!, { carried: ["proof"] })).toMatchObject(broken);
    expect(bent(audits[1]!, { carried: ["proof"] })).toMatchObject(broken);
    expect(bent(audits[2]!, { carried: ["rules", "proof", "contract"] })).toMatchObject(broken);
    // Of a change that means something else by now.
    const { comparison } = whole[audits[1]! - 1] as never as { comparison: { candidate: object } };
    const candidate = { ...comparison.candidate, semanticDigest: "6".repeat(64) };
    const other = whole
      .with(audits[1]! - 1, {
        type: "ComparisonRecorded",
        comparison: { ...comparison, candidate },
      } as never)
      .with(audits[1]!, { ...whole[audits[1]!]!, candidate } as never);
    expect(verifyBundle(bundleOf(other), headKeys)).toMatchObject(broken);
  });
});
