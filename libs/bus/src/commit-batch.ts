import type { Claim, Outcome } from "./bus.ts";
import { GROUP } from "./keys.ts";
import type { Keys } from "./keys.ts";
import type { Argument } from "./scripts.ts";

export interface CommitRequest {
  readonly claim: Claim;
  readonly outcome: Outcome;
}

export interface EncodedBatch {
  readonly keys: readonly string[];
  readonly args: readonly Argument[];
  /** Which inbox stands at which key position, for the reply. */
  readonly inboxes: ReadonlyMap<number, string>;
}

/** Lays outcomes of one partition out as lua/commit.lua reads them: each key once, named by its position. */
export function encodeBatch(
  keys: Keys,
  partition: number,
  batch: readonly CommitRequest[],
  backpressureLimit: number,
): EncodedBatch {
  const used = [keys.ledger(partition), keys.index(partition)];
  const positions = new Map<string, number>();
  const inboxes = new Map<number, string>();
  const position = (key: string): number => {
    let found = positions.get(key);
    if (found === undefined) {
      found = used.push(key);
      positions.set(key, found);
    }
    return found;
  };
  const inboxPosition = (inbox: string): number => {
    const found = position(keys.inbox(partition, inbox));
    inboxes.set(found, inbox);
    return found;
  };
  const args: Argument[] = [GROUP, backpressureLimit];
  for (const { claim, outcome } of batch) {
    const length = args.push(0) - 1;
    args.push(inboxPosition(claim.inbox), claim.entryId, claim.consumer, claim.deliveryCount);
    pushState(args, outcome, (subject) => position(keys.state(partition, subject)));
    const { ledger = [], messages = [], blobs = [] } = outcome;
    args.push(ledger.length, ...ledger, messages.length);
    for (const { inbox, message } of messages) {
      args.push(inboxPosition(inbox), JSON.stringify(message));
    }
    args.push(blobs.length);
    for (const { digest, bytes } of blobs) {
      args.push(position(keys.blob(partition, digest)), asBuffer(bytes));
    }
    args[length] = args.length - length - 1;
  }
  return { keys: used, args, inboxes };
}

function pushState(
  args: Argument[],
  { state }: Outcome,
  position: (subject: string) => number,
): void {
  if (state === undefined) {
    args.push(0);
    return;
  }
  const { subject, expectedVersion, value, ttlMs = 0, indexScore } = state;
  const score = indexScore === undefined ? "" : String(indexScore);
  args.push(position(subject), expectedVersion, expectedVersion + 1, value, ttlMs, score, subject);
}

/** A view on the same bytes: the client sends buffers as they are. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Roughly what an outcome weighs on the wire. */
export function weightBytes({ outcome }: CommitRequest): number {
  let weight = outcome.state?.value.length ?? 0;
  for (const entry of outcome.ledger ?? []) weight += entry.length;
  for (const { bytes } of outcome.blobs ?? []) weight += bytes.byteLength;
  return weight;
}
