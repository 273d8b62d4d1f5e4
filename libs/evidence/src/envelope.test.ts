import { generateKeyPairSync, sign } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalBytes } from "./canonical.ts";
import type { DsseEnvelope } from "./envelope.ts";
import { preAuthEncoding, signEnvelope, verifyEnvelope } from "./envelope.ts";
import { generateHeadKey, keyIdOf, loadPrivateKey, publicKeyPem } from "./head-key.ts";

const payloadType = "application/vnd.council.vote+json";
const head = generateHeadKey();
const other = generateHeadKey();
const keyring = new Map([[head.keyId, head.publicKey]]);
const payload = { verdict: "approve", digest: "ab".repeat(32), findings: [] };
const signed = signEnvelope({ payloadType, payload, privateKey: head.privateKey });

const reasonOf = (
  envelope: unknown,
  ring: Parameters<typeof verifyEnvelope>[1] = keyring,
): string => {
  const outcome = verifyEnvelope(envelope, ring, payloadType);
  return outcome.kind === "refused" ? outcome.reason : outcome.kind;
};

/** Signs bytes as they are, as an attacker holding a trusted key could. */
function signBytes(bytes: Uint8Array): DsseEnvelope {
  const sig = sign(null, preAuthEncoding(payloadType, bytes), head.privateKey).toString("base64");
  const body = Buffer.from(bytes).toString("base64");
  return { payloadType, payload: body, signatures: [{ keyid: head.keyId, sig }] };
}

describe("pre-authentication encoding", () => {
  test("the vector of the DSSE specification", () => {
    const encoded = preAuthEncoding("http://example.com/HelloWorld", Buffer.from("hello world"));
    expect(Buffer.from(encoded).toString()).toBe(
      "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
    );
  });

  test("lengths count bytes, not characters", () => {
    expect(Buffer.from(preAuthEncoding("ü", Buffer.from("€"))).toString()).toBe("DSSEv1 2 ü 3 €");
  });
});

describe("head keys", () => {
  test("a stored key loads and keeps its id", () => {
    const loaded = loadPrivateKey(head.privateKeyPem);
    expect(loaded).toMatchObject({ kind: "loaded", keyId: head.keyId });
    expect(head.keyId).toBe(keyIdOf(head.publicKey));
    expect(publicKeyPem(head.privateKey)).toBe(head.publicKeyPem);
    expect(head.keyId).toMatch(/^[0-9a-f]{64}$/);
  });

  test("other keys are refused", () => {
    expect(loadPrivateKey("nonsense")).toEqual({ kind: "refused", reason: "not-a-private-key" });
    expect(loadPrivateKey(head.publicKeyPem)).toEqual({
      kind: "refused",
      reason: "not-a-private-key",
    });
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    const pem = ec.export({ format: "pem", type: "pkcs8" }) as string;
    expect(loadPrivateKey(pem)).toEqual({ kind: "refused", reason: "not-ed25519" });
  });
});

describe("verifying an envelope", () => {
  test("what was signed comes back with the key that signed it", () => {
    expect(verifyEnvelope(signed, keyring, payloadType)).toEqual({
      kind: "verified",
      payload,
      keyId: head.keyId,
    });
    const pemRing = new Map([[head.keyId, head.publicKeyPem]]);
    expect(reasonOf(JSON.parse(JSON.stringify(signed)), pemRing)).toBe("verified");
  });

  test("signing is deterministic and the payload is exactly the canonical bytes", () => {
    expect(signEnvelope({ payloadType, payload, privateKey: head.privateKey })).toEqual(signed);
    expect(Buffer.from(signed.payload, "base64").equals(canonicalBytes(payload))).toBe(true);
  });

  test("an envelope of another type is not taken for this one", () => {
    const statement = signEnvelope({ payloadType: "text/x", payload, privateKey: head.privateKey });
    expect(reasonOf(statement)).toBe("payload-type-differs");
    expect(reasonOf({ ...statement, payloadType })).toBe("signature-invalid");
  });

  test("a signature by a key outside the ring, or claimed for another key, is refused", () => {
    const foreign = signEnvelope({ payloadType, payload, privateKey: other.privateKey });
    expect(reasonOf(foreign)).toBe("unknown-key");
    const claimed = { ...foreign, signatures: [{ ...foreign.signatures[0], keyid: head.keyId }] };
    expect(reasonOf(claimed)).toBe("signature-invalid");
  });

  test("a ring that files a key under another id, or holds no Ed25519 key, is not used", () => {
    expect(reasonOf(signed, new Map([[head.keyId, other.publicKey]]))).toBe("unusable-key");
    expect(reasonOf(signed, new Map([[head.keyId, "not a pem"]]))).toBe("unusable-key");
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey;
    expect(reasonOf(signed, new Map([[head.keyId, rsa]]))).toBe("unusable-key");
  });

  test.each([
    ["duplicate key", '{"verdict":"reject","verdict":"approve"}'],
    ["white space", '{"verdict": "approve"}'],
    ["unsorted keys", '{"b":1,"a":2}'],
    ["second spelling of a number", '{"a":1.0}'],
    ["not JSON", "approve"],
    ["lone surrogate", '{"a":"\\ud800"}'],
    ["byte order mark", '\ufeff{"a":1}'],
  ])("a correctly signed payload that is not canonical is refused: %s", (_name, body) => {
    expect(reasonOf(signBytes(Buffer.from(body)))).toBe("payload-not-canonical");
  });

  test("a signed payload of invalid UTF-8 is refused", () => {
    expect(reasonOf(signBytes(Buffer.of(0x22, 0xff, 0x22)))).toBe("payload-not-canonical");
  });

  test.each([
    ["null", null],
    ["array", []],
    ["no signature", { ...signed, signatures: [] }],
    ["two signatures", { ...signed, signatures: [signed.signatures[0], signed.signatures[0]] }],
    ["extra member", { ...signed, note: 1 }],
    [
      "extra member in the signature",
      { ...signed, signatures: [{ ...signed.signatures[0], x: 1 }] },
    ],
    ["payload of base64url", { ...signed, payload: "-_-_" }],
    ["payload with white space", { ...signed, payload: `${signed.payload}\n` }],
    ["short signature", { ...signed, signatures: [{ keyid: head.keyId, sig: "AAAA" }] }],
    ["payload not text", { ...signed, payload: 7 }],
  ])("malformed: %s", (_name, envelope) => {
    expect(reasonOf(envelope)).toBe("malformed-envelope");
  });

  test("property: whatever bit of the serialised envelope flips, it is refused", () => {
    const bytes = Buffer.from(JSON.stringify(signed));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
        const flipped = Buffer.from(bytes);
        flipped[at]! ^= 1 << bit;
        let envelope: unknown;
        try {
          envelope = JSON.parse(flipped.toString("utf8"));
        } catch {
          return;
        }
        expect(verifyEnvelope(envelope, keyring, payloadType).kind).toBe("refused");
      }),
      { numRuns: 2000 },
    );
  });

  test("property: whatever bit of the payload or signature flips, the signature does not hold", () => {
    const payloadBytes = Buffer.from(signed.payload, "base64");
    const sigBytes = Buffer.from(signed.signatures[0].sig, "base64");
    const flips = fc.oneof(
      fc.tuple(fc.constant("payload"), fc.nat(payloadBytes.length * 8 - 1)),
      fc.tuple(fc.constant("sig"), fc.nat(sigBytes.length * 8 - 1)),
    );
    fc.assert(
      fc.property(flips, ([part, bit]) => {
        const flipped = Buffer.from(part === "payload" ? payloadBytes : sigBytes);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        const text = flipped.toString("base64");
        const envelope =
          part === "payload"
            ? { ...signed, payload: text }
            : { ...signed, signatures: [{ keyid: head.keyId, sig: text }] };
        expect(reasonOf(envelope)).toBe("signature-invalid");
      }),
    );
  });

  test("property: any JSON at all is refused, never thrown at", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(reasonOf(value)).toBe("malformed-envelope");
      }),
    );
  });
});
