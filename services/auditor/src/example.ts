/** Examples for the tests of this service: changes as the rules see them, and rounds on a real repository. */
import type { Bus, Delivery } from "@council/bus";
import type { Candidate } from "@council/domain";
import { candidateDigest, sha256Hex } from "@council/evidence";
import { applyDiff, diffBytes, fetchBranches, type Mirror } from "@council/git";
import type { TestFile, TestRemote } from "@council/git/testing";
import { addedLines, type AuditedChange, type AuditedFile } from "./audited-change.ts";

export const patchId = "p03-abcdefgh";
export const partition = 3;
export const patch = {
  id: patchId,
  repository: "shop",
  targetBranch: "main",
  title: "An example",
  author: "ann",
  policyDigest: "9".repeat(64),
};

const mode = "100644";

/** A touched file; no `before` means that it is new, no `after` that it is deleted. */
export function fileOf(path: string, after?: string, before?: string): AuditedFile {
  const status = before === undefined ? "added" : after === undefined ? "deleted" : "modified";
  return {
    change: {
      path,
      status,
      oldMode: before === undefined ? "000000" : mode,
      newMode: after === undefined ? "000000" : mode,
      ...(before === undefined ? {} : { oldBlob: sha256Hex(Buffer.from(before)) }),
      ...(after === undefined ? {} : { newBlob: sha256Hex(Buffer.from(after)) }),
    },
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    added: addedLines(before ?? "", after ?? ""),
  };
}

/** A change of these files, for heads that read nothing else. */
export function changeOf(...files: AuditedFile[]): AuditedChange {
  const mirror = {} as Mirror;
  return { patch, mirror, base: "b", tree: "t", digest: "d".repeat(64), files };
}

/** What git says a change of these files is, and the candidate it makes. */
export async function candidateOf(
  remote: TestRemote,
  mirror: Mirror,
  diff: Uint8Array,
): Promise<Candidate> {
  const base = (await remote.head()) ?? "";
  const applied = await applyDiff(mirror, { base, diff });
  const tree = applied.kind === "applied" ? applied.tree : base;
  const digests = { base, tree, diff: sha256Hex(diff) };
  const digest = candidateDigest(digests);
  return { ...digests, digest, semanticDigest: digest, tier: "service", riskTags: [], paths: [] };
}

/** The diff that brings these files onto `main`, which itself stays as it is. */
export async function diffOf(
  remote: TestRemote,
  mirror: Mirror,
  files: Readonly<Record<string, TestFile>>,
): Promise<Buffer> {
  const base = (await remote.head()) ?? "";
  await remote.setBranch("work", base);
  const work = await remote.commit({ branch: "work", files });
  await fetchBranches(mirror);
  return await diffBytes(mirror, base, work);
}

/** Puts a blob into the bus, as a submission would. */
export async function storeBlob(bus: Bus, bytes: Uint8Array, digest: string): Promise<void> {
  const id = `blob-${digest}`;
  await bus.ingest(partition, {
    id,
    keys: [{ key: id }],
    messages: [],
    blobs: [{ digest, bytes }],
  });
}

/** A message as the bus delivers it. */
export function deliveryOf(
  effect: { readonly type: string },
  body: unknown = { patch, effect },
): Delivery {
  const message = {
    v: 1 as const,
    id: "m7.1",
    type: effect.type,
    subject: patchId,
    correlationId: patchId,
    at: 1_800_000_000_000,
    body,
  };
  return {
    inbox: "auditor:rules",
    partition,
    entryId: "1-0",
    consumer: "c",
    deliveryCount: 1,
    message,
  };
}
