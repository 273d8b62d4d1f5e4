// The one place that knows what a key is called. Every key of a partition carries the same hash tag, so a
// commit touches one slot and the layout is ready for a cluster.

/** The consumer group of every inbox: one group per stream, so what is acknowledged can be deleted. */
export const GROUP = "council";

export interface Keys {
  readonly partitions: number;
  inbox(partition: number, inbox: string): string;
  ledger(partition: number): string;
  state(partition: number, subject: string): string;
  idempotency(partition: number, key: string): string;
  blob(partition: number, digest: string): string;
  deadLetters(partition: number, inbox: string): string;
  index(partition: number): string;
  /** Set of all inbox names ever used; lives in partition 0. */
  inboxes(): string;
  /** One part of the spend ledger; all of them share one slot. */
  spend(part: string): string;
  /** Which start of the server its file was last rewritten for; lives in partition 0. */
  rewritten(): string;
}

export function makeKeys(prefix: string, partitions: number): Keys {
  const tags = Array.from(
    { length: partitions },
    (_, partition) => `{${prefix}${String(partition).padStart(2, "0")}}`,
  );
  const tag = (partition: number): string => {
    const found = tags[partition];
    if (found === undefined) throw new RangeError(`no partition ${partition}`);
    return found;
  };
  return {
    partitions,
    inbox: (partition, inbox) => `${tag(partition)}:in:${inbox}`,
    ledger: (partition) => `${tag(partition)}:ledger`,
    state: (partition, subject) => `${tag(partition)}:s:${subject}`,
    idempotency: (partition, key) => `${tag(partition)}:k:${key}`,
    blob: (partition, digest) => `${tag(partition)}:blob:${digest}`,
    deadLetters: (partition, inbox) => `${tag(partition)}:dlq:${inbox}`,
    index: (partition) => `${tag(partition)}:index`,
    inboxes: () => `${tag(0)}:inboxes`,
    spend: (part) => `{${prefix}spend}:${part}`,
    rewritten: () => `${tag(0)}:rewritten`,
  };
}

/** FNV-1a over UTF-8, 32 bit (Fowler, Noll, Vo). Changing it would strand every stored patch. */
export function partitionOf(text: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0) % partitions;
}
