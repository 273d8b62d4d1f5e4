// Commits that finish in the same turn of the event loop and partition travel as one script call: one round
// trip and one fsync for many. A batch is not a transaction; each outcome in it is judged on its own, so
// batches of one partition may overtake each other on different connections.
import type { Claim, CommitReply, Outcome } from "./bus.ts";
import { encodeBatch, weightBytes } from "./commit-batch.ts";
import type { CommitRequest } from "./commit-batch.ts";
import { isTransient } from "./connect.ts";
import type { Keys } from "./keys.ts";
import { decodeCommit } from "./scripts.ts";
import type { RunScript } from "./scripts.ts";

const MAX_BATCH = 100;
const MAX_BATCH_BYTES = 4 * 1024 * 1024;

interface Waiting extends CommitRequest {
  readonly answer: PromiseWithResolvers<CommitReply>;
}

export interface CommitQueueOptions {
  /**
   * One per connection. A partition has one batch on its way on each of them while the next one gathers. The
   * server takes a few kilobytes of a connection per turn and fsyncs once a turn, so several fill the turn.
   */
  readonly runs: readonly RunScript[];
  readonly keys: Keys;
  readonly backpressureLimit: number;
}

export type Commit = (claim: Claim, outcome: Outcome) => Promise<CommitReply>;

export function commitQueue(options: CommitQueueOptions): Commit {
  const lanes = Array.from({ length: options.keys.partitions }, (_, partition) =>
    partitionLane(options, partition),
  );
  return (claim, outcome) => {
    const lane = lanes[claim.partition];
    if (lane === undefined) throw new RangeError(`no partition ${claim.partition}`);
    const answer = Promise.withResolvers<CommitReply>();
    lane({ claim, outcome, answer });
    return answer.promise;
  };
}

function partitionLane(options: CommitQueueOptions, partition: number): (one: Waiting) => void {
  const waiting: Waiting[] = [];
  // In turn, and each partition from another one on, so that few partitions use all connections too.
  const first = partition % options.runs.length;
  const idle = [...options.runs.slice(first), ...options.runs.slice(0, first)];
  let scheduled = false;

  const flush = (): void => {
    scheduled = false;
    while (waiting.length > 0) {
      const run = idle.shift();
      if (run === undefined) return;
      void send({ ...options, run }, partition, takeBatch(waiting)).finally(() => {
        idle.push(run);
        if (waiting.length > 0) schedule();
      });
    }
  };
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(flush);
  };
  return (one) => {
    waiting.push(one);
    schedule();
  };
}

function takeBatch(waiting: Waiting[]): Waiting[] {
  let count = 0;
  let bytes = 0;
  for (const one of waiting.slice(0, MAX_BATCH)) {
    bytes += weightBytes(one);
    if (count > 0 && bytes > MAX_BATCH_BYTES) break;
    count += 1;
  }
  return waiting.splice(0, count);
}

/** Settles every answer of the batch; never rejects. */
async function send(
  options: Omit<CommitQueueOptions, "runs"> & { readonly run: RunScript },
  partition: number,
  batch: readonly Waiting[],
): Promise<void> {
  try {
    const { keys, args, inboxes } = encodeBatch(
      options.keys,
      partition,
      batch,
      options.backpressureLimit,
    );
    const reply = await options.run("commit", keys, args);
    const replies = decodeCommit(reply, batch.length, inboxes);
    for (const [at, { answer }] of batch.entries()) answer.resolve(replies[at] as CommitReply);
  } catch (error) {
    if (batch.length > 1 && !isTransient(error)) {
      // One outcome is at fault; the others must not fail with it. Those already applied come back fenced.
      for (const one of batch) await send(options, partition, [one]);
      return;
    }
    for (const { answer } of batch) answer.reject(error);
  }
}
