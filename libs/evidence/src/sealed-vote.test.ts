import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { signEnvelope } from "./envelope.ts";
import { generateHeadKey, loadPrivateKey } from "./head-key.ts";
import { openSeal, revealKey, sealVote } from "./sealed-vote.ts";

const head = generateHeadKey();
const { privateKey } = head;
const context = "patch-7/revision-2/head-guard";
const vote = (verdict: string) =>
  signEnvelope({
    payloadType: "application/vnd.council.vote+json",
    payload: { verdict },
    privateKey,
  });
const envelope = vote("approve");
const seal = sealVote({ envelope, privateKey, context });
const key = revealKey({ privateKey, context });

describe("sealed votes", () => {
  test("the revealed key opens the seal to the very same envelope", () => {
    expect(openSeal({ seal, key })).toEqual({ kind: "opened", envelope });
  });

  test("a head that restarted derives the same key and the same seal", () => {
    const restarted = loadPrivateKey(head.privateKeyPem);
    if (restarted.kind !== "loaded") throw new Error(restarted.reason);
    expect(revealKey({ privateKey: restarted.privateKey, context })).toBe(key);
    expect(sealVote({ envelope, privateKey: restarted.privateKey, context })).toEqual(seal);
  });

  test("the key of another context or another head opens nothing", () => {
    const otherContext = revealKey({ privateKey, context: `${context}x` });
    const otherHead = revealKey({ privateKey: generateHeadKey().privateKey, context });
    for (const wrong of [otherContext, otherHead]) {
      expect(wrong).not.toBe(key);
      expect(openSeal({ seal, key: wrong })).toEqual({ kind: "refused", reason: "does-not-open" });
    }
  });

  test("two votes in one context never share a nonce", () => {
    const second = sealVote({ envelope: vote("reject"), privateKey, context });
    const nonce = (text: string): string =>
      Buffer.from(text, "base64").subarray(0, 12).toString("hex");
    expect(nonce(second.ciphertext)).not.toBe(nonce(seal.ciphertext));
  });

  test("a head cannot open its commitment to another vote", () => {
    const second = sealVote({ envelope: vote("reject"), privateKey, context });
    const swapped = { ciphertext: second.ciphertext, commitment: seal.commitment };
    expect(openSeal({ seal: swapped, key })).toEqual({
      kind: "refused",
      reason: "commitment-differs",
    });
  });

  test("the seal shows nothing of the verdict", () => {
    const bytes = Buffer.from(seal.ciphertext, "base64");
    expect(bytes.includes(envelope.payload)).toBe(false);
    expect(bytes.includes(head.keyId)).toBe(false);
  });

  test("something sealed that is no envelope is refused", () => {
    const odd = { verdict: "approve" } as unknown as typeof envelope;
    const outcome = openSeal({ seal: sealVote({ envelope: odd, privateKey, context }), key });
    expect(outcome).toEqual({ kind: "refused", reason: "malformed-envelope" });
  });

  test.each([
    ["no object", null, key, "malformed-seal"],
    ["no commitment", { ciphertext: seal.ciphertext }, key, "malformed-seal"],
    ["too short", { ...seal, ciphertext: "AAAA" }, key, "malformed-seal"],
    ["not base64", { ...seal, ciphertext: `${seal.ciphertext} ` }, key, "malformed-seal"],
    ["short key", seal, "AAAA", "malformed-key"],
    ["no key", seal, undefined, "malformed-key"],
  ])("malformed: %s", (_name, badSeal, badKey, reason) => {
    expect(openSeal({ seal: badSeal, key: badKey })).toEqual({ kind: "refused", reason });
  });

  test("property: a flipped bit in ciphertext, commitment or key is refused, naming the place", () => {
    const parts = {
      ciphertext: { bytes: Buffer.from(seal.ciphertext, "base64"), reason: "does-not-open" },
      commitment: { bytes: Buffer.from(seal.commitment, "hex"), reason: "commitment-differs" },
      key: { bytes: Buffer.from(key, "base64"), reason: "does-not-open" },
    } as const;
    const places = fc
      .constantFrom("ciphertext" as const, "commitment" as const, "key" as const)
      .chain((part) => fc.tuple(fc.constant(part), fc.nat(parts[part].bytes.length * 8 - 1)));
    fc.assert(
      fc.property(places, ([part, bit]) => {
        const flipped = Buffer.from(parts[part].bytes);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        const text = flipped.toString(part === "commitment" ? "hex" : "base64");
        const input =
          part === "key" ? { seal, key: text } : { seal: { ...seal, [part]: text }, key };
        expect(openSeal(input)).toEqual({ kind: "refused", reason: parts[part].reason });
      }),
      { numRuns: 500 },
    );
  });

  test("property: any value at all is refused, never thrown at", () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (anySeal, anyKey) => {
        expect(openSeal({ seal: anySeal, key: anyKey }).kind).toBe("refused");
      }),
    );
  });
});
