import { voteSchema } from "@council/contracts";
import type { Finding } from "@council/domain";
import { generateHeadKey, metaHashOf, sealVote, signEnvelope } from "@council/evidence";
import { secretShapes } from "@council/runtime/secret-corpus";
import { expect, test } from "vitest";
import { boundFindings } from "./bound-findings.ts";

const soft = (path: string): Finding => ({
  ruleId: "line-length",
  severity: "error",
  isHard: false,
  path,
  message: "long",
});
const veto: Finding = { ruleId: "secret", severity: "error", isHard: true, message: "a key" };

test("what fits stays as it is", () => {
  expect(boundFindings([soft("a"), veto])).toEqual([veto, soft("a")]);
  expect(boundFindings([])).toEqual([]);
});

test("P10: no heap of findings makes a vote too large to be taken, or pushes the veto out", () => {
  const many = Array.from({ length: 900 }, (_, at) => soft(`${"ü".repeat(2000)}/${at}`));
  const loud = Array.from({ length: 300 }, () => ({
    ...soft("x"),
    message: "\u0001".repeat(9000),
  }));
  const findings = boundFindings([...many, ...loud, veto]);
  expect(findings[0]).toEqual(veto);
  expect(findings.at(-1)?.message).toMatch(/^\d+ more findings are left out$/);

  const { privateKey } = generateHeadKey();
  const digest = "a".repeat(64);
  const metaHash = metaHashOf({ digest, verdict: "reject", findings });
  const binding = {
    base: "b".repeat(40),
    tree: "c".repeat(40),
    semanticDigest: digest,
    policyDigest: digest,
  };
  const names = { patchId: "p", head: "rules", nonce: "n", binding };
  const vote = { ...names, digest, verdict: "reject", findings, metaHash, expiresAt: 1 };
  expect(voteSchema.safeParse(vote).success).toBe(true);
  const envelope = signEnvelope({ payloadType: "t", payload: vote, privateKey });
  const { ciphertext } = sealVote({ envelope, privateKey, context: "c" });
  expect(ciphertext.length).toBeLessThan(400_000);
});

test("a secret that a head quotes is signed by nobody", () => {
  for (const make of Object.values(secretShapes)) {
    const { text, core } = make();
    const quoting = { ...veto, message: `adds ${text}`, path: text, remedy: `remove ${text}` };
    expect(JSON.stringify(boundFindings([quoting]))).not.toContain(core);
  }
});

test("broken characters, which cannot be signed, are replaced", () => {
  const cut = `${"x".repeat(20)}\uD83D`;
  const [finding] = boundFindings([{ ...veto, message: cut, path: "\uDE00", remedy: "\u0000\n" }]);
  const { privateKey } = generateHeadKey();
  expect(() => signEnvelope({ payloadType: "t", payload: finding, privateKey })).not.toThrow();
  expect(finding?.remedy).toBe("?\n");
});
