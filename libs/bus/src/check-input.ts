// What both stores refuse before touching anything. These are bugs of the caller, so they throw.
import type { Ingest, Outcome } from "./bus.ts";
import { BusError } from "./bus-error.ts";

const SHA256_HEX = /^[0-9a-f]{64}$/;

export function checkPartition(partition: number, partitions: number): void {
  if (!Number.isInteger(partition) || partition < 0 || partition >= partitions) {
    throw new BusError("bad-input", `partition ${partition} is outside 0..${partitions - 1}`);
  }
}

export function checkOutcome(outcome: Outcome): void {
  const { state } = outcome;
  if (state !== undefined) {
    checkCount(state.expectedVersion, "expectedVersion", 0);
    if (state.ttlMs !== undefined) checkCount(state.ttlMs, "ttlMs", 1);
    if (state.indexScore !== undefined && !Number.isFinite(state.indexScore)) {
      throw new BusError("bad-input", "indexScore is not a finite number");
    }
  }
  for (const blob of outcome.blobs ?? []) checkDigest(blob.digest);
}

export function checkIngest(ingest: Ingest): void {
  if (ingest.id === "") throw new BusError("bad-input", "id is empty");
  if (ingest.keys.length === 0) throw new BusError("bad-input", "no idempotency key");
  for (const { digest } of ingest.keys) {
    if (digest?.includes("|")) throw new BusError("bad-input", "a digest contains |");
  }
  if (ingest.ttlMs !== undefined) checkCount(ingest.ttlMs, "ttlMs", 0);
  for (const blob of ingest.blobs ?? []) checkDigest(blob.digest);
}

function checkDigest(digest: string): void {
  if (!SHA256_HEX.test(digest))
    throw new BusError("bad-input", "a blob's digest is not SHA-256 hex");
}

function checkCount(value: number, name: string, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new BusError("bad-input", `${name} is not a whole number >= ${least}`);
  }
}
