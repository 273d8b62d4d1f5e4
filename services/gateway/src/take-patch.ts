/**
 * Takes in one patch, however often it is delivered (P1), and answers only once it is stored (P8).
 *
 * One atomic ingest claims the delivery id, the body and, for a revision, the place after the
 * revision it replaces. The end of the chain is read before the body's key: a delivery that sees its
 * own patch at the end of the chain therefore also sees that it is a duplicate.
 */
import { createHash } from "node:crypto";
import type { Bus, IngestReply } from "@council/bus";
import { inboxes } from "@council/contracts";
import type { Patch } from "@council/domain";
import { redactText } from "@council/runtime";
import type { BusCall } from "./bounded-bus.ts";
import { backpressure, deliveryConflict } from "./ingest-refusals.ts";
import { acceptedKey, externalKey, newestRevision, newPatchId, nextKey } from "./patch-names.ts";

/** How long a delivery is remembered; senders repeat for days, not months. */
export const rememberMs = 30 * 24 * 3_600_000;

const mostAttempts = 200;

export interface Delivered {
  readonly sender: string;
  readonly deliveryId: string;
  /** SHA-256 of the raw body. */
  readonly bodyDigest: string;
  readonly patch: Omit<Patch, "id" | "diff" | "sender" | "supersedes" | "submittedAt">;
  readonly diff?: string;
  /** More keys under which the same content is the same patch. */
  readonly sameAs?: readonly string[];
}

export interface Taken {
  readonly id: string;
  readonly duplicate: boolean;
}

export const sha256 = (bytes: string | Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");

export const deliveryKey = (sender: string, deliveryId: string) =>
  `delivery:${sender}:${deliveryId}`;
export const bodyKey = (sender: string, bodyDigest: string) => `body:${sender}:${bodyDigest}`;

/** Throws GatewayError `delivery-conflict`, `backpressure` or `unavailable`. */
export async function takePatch(
  deps: { readonly call: BusCall; readonly clock: () => number },
  delivered: Delivered,
): Promise<Taken> {
  const { sender, deliveryId } = delivered;
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const reply = await deps.call((bus) => ingestOnce(bus, delivered, deps.clock()));
    switch (reply.kind) {
      case "accepted":
        return { id: reply.id, duplicate: false };
      case "duplicate":
        return { id: reply.id, duplicate: true };
      case "backpressure":
        throw backpressure(reply.inbox);
      case "conflict":
        if (reply.isDelivery) throw deliveryConflict(sender, deliveryId);
    }
  }
  throw backpressure(inboxes.patchController);
}

type Attempt =
  | Exclude<IngestReply, { kind: "conflict" }>
  /** Not the delivery: another revision took the place in the chain first. */
  | { readonly kind: "conflict"; readonly isDelivery: boolean };

async function ingestOnce(bus: Bus, delivered: Delivered, now: number): Promise<Attempt> {
  const { sender, deliveryId, bodyDigest, sameAs = [] } = delivered;
  const { repository, externalId } = delivered.patch;
  const partition = bus.partitionOf(repository);
  const delivery = deliveryKey(sender, deliveryId);
  const newest =
    externalId === undefined ? undefined : await newestRevision(bus, repository, externalId);
  const known = await Promise.all(
    [bodyKey(sender, bodyDigest), ...sameAs].map((key) => bus.readKey(partition, key)),
  );
  const isRepeated = known.some((id) => id !== undefined);
  const place = isRepeated ? [] : claimOf(delivered, newest);
  const id = newPatchId(partition);
  const reply = await bus.ingest(partition, {
    id,
    keys: [
      { key: delivery, digest: bodyDigest },
      { key: bodyKey(sender, bodyDigest) },
      ...sameAs.map((key) => ({ key })),
      ...place,
    ],
    aliases: isRepeated ? [] : [acceptedKey(id)],
    ...submission(delivered, { id, now, ...(newest === undefined ? {} : { supersedes: newest }) }),
    ttlMs: rememberMs,
  });
  if (reply.kind !== "conflict") return reply;
  return { kind: "conflict", isDelivery: place.length === 0 || (await isOther(bus, delivered)) };
}

/** Whether the delivery id is known and its body is not: the same id was given to another body. */
async function isOther(bus: Bus, { sender, deliveryId, bodyDigest, patch }: Delivered) {
  const partition = bus.partitionOf(patch.repository);
  const keys = [deliveryKey(sender, deliveryId), bodyKey(sender, bodyDigest)];
  const [delivery, body] = await Promise.all(keys.map((key) => bus.readKey(partition, key)));
  return delivery !== undefined && body === undefined;
}

/** The first revision claims the external id itself, each later one the place after its forerunner. */
function claimOf({ sender, bodyDigest, deliveryId, patch }: Delivered, newest: string | undefined) {
  if (patch.externalId === undefined) return [];
  const key =
    newest === undefined ? externalKey(patch.repository, patch.externalId) : nextKey(newest);
  return [{ key, digest: sha256(`${sender}\n${deliveryId}\n${bodyDigest}`) }];
}

/** What people and models read of a patch; its diff is judged as it is, by the rules. */
function withoutSecrets(parts: Delivered["patch"]): Delivered["patch"] {
  const { title, author, task } = parts;
  return {
    ...parts,
    title: redactText(title).slice(0, 200),
    author: redactText(author).slice(0, 200),
    ...(task
      ? {
          task: {
            title: redactText(task.title).slice(0, 200),
            instructions: redactText(task.instructions).slice(0, 20_000),
          },
        }
      : {}),
  };
}

function submission(
  { patch: parts, diff, sender }: Delivered,
  { id, now, supersedes }: { id: string; now: number; supersedes?: string },
) {
  const blob = diff === undefined ? undefined : { digest: sha256(diff), bytes: Buffer.from(diff) };
  const patch: Patch = {
    ...withoutSecrets(parts),
    id,
    sender,
    submittedAt: now,
    ...(blob === undefined ? {} : { diff: blob.digest }),
    ...(supersedes === undefined ? {} : { supersedes }),
  };
  const message = {
    v: 1 as const,
    id: `${id}.submit`,
    type: "submit",
    subject: id,
    correlationId: id,
    at: now,
    body: { type: "submit", patch },
  };
  return {
    messages: [{ inbox: inboxes.patchController, message }],
    ...(blob === undefined ? {} : { blobs: [blob] }),
  };
}
