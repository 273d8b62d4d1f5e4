/** Examples for the tests of this service: patches, messages, and a controller on a bus in memory. */
import { type Delivery, memoryBus, type MemoryBus, type Message } from "@council/bus";
import { inboxes, payloadTypes, type StoredPatch } from "@council/contracts";
import {
  type Candidate,
  defaultPolicy,
  type Patch,
  type PatchState,
  type Suspension,
  type Vote,
} from "@council/domain";
import {
  candidateDigest,
  digestOf,
  generateHeadKey,
  metaHashOf,
  revealKey,
  sealVote,
  sha256Hex,
  signEnvelope,
} from "@council/evidence";
import { handlePatch, type PatchHandling } from "./handle-patch.ts";

export const now = 1_800_000_000_000;
export const partition = 3;
export const patchId = "p03-abcdefgh";

export const patchOf = (changes: Partial<Patch> = {}): Patch => ({
  id: patchId,
  repository: "shop",
  targetBranch: "main",
  base: "b".repeat(40),
  diff: sha256Hex(Buffer.from("diff")),
  title: "An example",
  author: "ann",
  sender: "ci",
  submittedAt: now,
  policy: defaultPolicy,
  ...changes,
});

export function candidateOf(changes: Partial<Candidate> = {}): Candidate {
  const { base, diff = "" } = patchOf();
  const digests = { base, tree: "c".repeat(40), diff };
  const digest = candidateDigest(digests);
  const risk = { semanticDigest: digest, tier: "service", riskTags: [], paths: ["a.ts"] } as const;
  return { ...digests, digest, ...risk, ...changes };
}

let count = 0;
export function messageOf(
  body: { readonly type: string },
  changes: Partial<Message> = {},
): Message {
  count += 1;
  const core = { v: 1 as const, subject: patchId, correlationId: patchId, at: now };
  return { ...core, id: `m${count}`, type: body.type, body, ...changes };
}

export function deliveryOf(message: Message, place = partition): Delivery {
  const claim = { inbox: "x", entryId: "1-0", consumer: "c", deliveryCount: 1 };
  return { ...claim, partition: place, message };
}

export const keysOf = {
  rules: generateHeadKey(),
  proof: generateHeadKey(),
  contract: generateHeadKey(),
};
export const headKeys = new Map(Object.entries(keysOf).map(([head, key]) => [head, key.publicKey]));
type HeadKey = ReturnType<typeof generateHeadKey>;

/** A controller that decides whatever is put into its inbox, on a bus in memory. */
export function controllerOf(
  options: { readonly clock?: () => number; readonly suspended?: readonly Suspension[] } = {},
) {
  const bus: MemoryBus = memoryBus();
  const refused: string[] = [];
  const handling: PatchHandling = {
    bus,
    headKeys,
    readSuspensions: async (heads) =>
      (options.suspended ?? []).filter(({ head }) => heads.includes(head)),
    clock: options.clock ?? (() => now),
    isFreezeExempt: () => Promise.resolve(false),
    onDecided: () => undefined,
    onRefused: (_, command, reason) => refused.push(`${command}: ${reason}`),
  };
  const consumer = bus.consume({
    inbox: inboxes.patchController,
    handler: (delivery) => handlePatch(handling, delivery),
    blockMs: 20,
    backoffMs: () => 1,
  });
  const state = async (subject = patchId): Promise<PatchState | undefined> => {
    const read = await bus.readState(partition, subject);
    return read && (JSON.parse(read.value) as StoredPatch).state;
  };
  return {
    bus,
    refused,
    /** Puts a message in and waits until it is worked off. */
    tell: async (body: { readonly type: string }, changes: Partial<Message> = {}) => {
      const message = messageOf(body, changes);
      await bus.send(
        partition,
        message,
        inboxes.patchController,
        `k-${message.id}-${(count += 1)}`,
      );
      while (
        (await bus.depth()).some(
          ({ inbox, length }) => inbox === inboxes.patchController && length > 0,
        )
      )
        await new Promise((resolve) => setTimeout(resolve, 2));
      return message;
    },
    state,
    events: async () =>
      (await bus.readLedger(partition, { count: 1000 })).map(
        ({ entry }) => (JSON.parse(entry) as { event: { type: string; reason?: string } }).event,
      ),
    /** Messages that wait in an inbox. */
    sent: async (inbox: string): Promise<Message[]> => {
      const messages: Message[] = [];
      const reader = bus.consume({
        inbox,
        blockMs: 20,
        handler: ({ message }) => {
          messages.push(message);
          return Promise.resolve({});
        },
      });
      while ((await bus.depth()).some((each) => each.inbox === inbox && each.length > 0))
        await new Promise((resolve) => setTimeout(resolve, 2));
      await reader.stop();
      return messages;
    },
    stop: async () => {
      await consumer.stop();
      await bus.close();
    },
  };
}

/** A vote as a head casts it; every part can be bent. */
export function voteOf(head: string, nonce: string, changes: Partial<Vote> = {}): Vote {
  const { digest, base, tree, semanticDigest } = candidateOf();
  const plain = {
    patchId,
    head,
    digest,
    binding: { base, tree, semanticDigest, policyDigest: digestOf(defaultPolicy) },
    nonce,
    verdict: "approve",
    findings: [],
    expiresAt: now + 60_000,
    ...changes,
  } as const;
  return { ...plain, metaHash: changes.metaHash ?? metaHashOf(plain) };
}

/** The vote sealed, and the key that opens it. */
export function sealed(vote: Vote, { privateKey }: HeadKey) {
  const context = `${patchId}/${vote.nonce}/${vote.head}`;
  const envelope = signEnvelope({ payloadType: payloadTypes.vote, payload: vote, privateKey });
  return {
    seal: sealVote({ envelope, privateKey, context }),
    key: revealKey({ privateKey, context }),
  };
}
