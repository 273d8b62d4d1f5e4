// The port between what the bus does in time (read, run, retry: consumer.ts) and what it does atomically
// (this). The memory twin and the Redis adapter differ only below this line, so the consumer is one code.
import type { Bus, Claim } from "./bus.ts";

/** An entry just delivered or taken over; the payload is not yet known to be a message. */
export interface Entry extends Claim {
  readonly payload: string;
}

export interface Takeover {
  readonly entry: Entry | undefined;
  /** Entries that were pending but whose content is gone. */
  readonly lostIds: readonly string[];
}

/** One consumer's side of one inbox, over all partitions. Fenced calls do nothing once the claim is void. */
export interface InboxPort {
  /** New entries, about `count` in all; waits up to `blockMs` for the first. */
  read(count: number, blockMs: number): Promise<Entry[]>;
  /** Ends a waiting `read` early. */
  interrupt(): Promise<void>;
  /** Takes over one entry of a partition whose holder gave no sign of life for `minIdleMs`. */
  takeOver(partition: number, minIdleMs: number): Promise<Takeover>;
  /** The sign of life. Answers which claims are still good, in order. */
  hold(claims: readonly Claim[]): Promise<boolean[]>;
  /** Hands claims back unrun: due at once, this delivery not counted. */
  release(claims: readonly Claim[]): Promise<void>;
  /** Counts one more delivery to the same holder. Undefined: fenced. */
  retry(claim: Claim): Promise<Claim | undefined>;
  /** Moves the entry to the dead letters. False: fenced. */
  deadLetter(claim: Claim, error: string): Promise<boolean>;
  /** Forgets the consumer wherever it holds nothing, and frees what the port holds. */
  leave(): Promise<void>;
}

export interface Store extends Omit<Bus, "consume"> {
  openInbox(inbox: string, consumer: string): Promise<InboxPort>;
  /** True for failures that waiting cures: link lost, server loading, out of memory. */
  isTransient(error: unknown): boolean;
}

/** Dead letters keep at most this much of the error. */
export const MAX_ERROR_LENGTH = 2048;

/** How long `send` remembers its key: far longer than any timer takes to be delivered again. */
export const SEND_KEY_TTL_MS = 7 * 24 * 3_600_000;
