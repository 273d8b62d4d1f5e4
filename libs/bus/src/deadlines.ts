// Deadlines: messages that arrive later. The queue is at-least-once, so it decides nothing: its one act is to
// send the message under a key made of the deadline's identity, and the bus lets the first one in (P1).
import { createHash } from "node:crypto";
import { Queue, Worker } from "bullmq";
import type { Job } from "bullmq";
import type { Redis } from "ioredis";
import type { Bus } from "./bus.ts";
import { closeConnection, connect } from "./connect.ts";
import type { Message } from "./message.ts";

/** What a deadline is known by. Another epoch (a stage, a revision) makes it another deadline. */
export interface DeadlineKey {
  readonly subject: string;
  readonly name: string;
  readonly epoch: string;
}

export interface Deadline extends DeadlineKey {
  /** Milliseconds since the epoch; past = at once. */
  readonly dueAt: number;
  readonly partition: number;
  readonly inbox: string;
  readonly message: Message;
}

/** `too-late`: it is being sent right now. */
export type CancelReply = { readonly kind: "cancelled" | "absent" | "too-late" };

export interface DeadlineWorker {
  /** Lets what is being sent finish. */
  stop(): Promise<void>;
}

export interface Deadlines {
  /** Arms a deadline. Arming it again changes nothing: the first message and time stand. */
  armDeadline(deadline: Deadline): Promise<void>;
  cancelDeadline(key: DeadlineKey): Promise<CancelReply>;
  /** Starts sending what is due. Any number of processes may do so. */
  startDeadlineWorker(bus: Bus): DeadlineWorker;
  close(): Promise<void>;
}

export interface DeadlinesOptions {
  readonly url: string;
  /** As given to `openBus`. */
  readonly prefix?: string;
  readonly name?: string;
  readonly onError?: (error: Error) => void;
}

type Due = Pick<Deadline, "partition" | "inbox" | "message">;

const QUEUE = "deadlines";
/** The queue's own blocking reads last up to 10 s. */
const SOCKET_TIMEOUT_MS = 15_000;
const RETRY_MS = 5000;

export function openDeadlines(options: DeadlinesOptions): Deadlines {
  const prefix = `{${options.prefix ?? "c"}dl}`;
  const onError = options.onError ?? ignore;
  const open = (): Redis =>
    connect({
      url: options.url,
      name: options.name ?? "council-deadlines",
      socketTimeoutMs: SOCKET_TIMEOUT_MS,
      onError,
    });
  const connection = open();
  const queue = new Queue<Due>(QUEUE, { connection, prefix });
  queue.on("error", onError);
  return {
    armDeadline: async (deadline) => {
      const { partition, inbox, message, dueAt } = deadline;
      await queue.add(
        "due",
        { partition, inbox, message },
        {
          jobId: jobIdOf(deadline),
          delay: Math.max(0, dueAt - Date.now()),
          // A deadline is never given up: it is tried until the bus takes it.
          attempts: 1_000_000,
          backoff: { type: "fixed", delay: RETRY_MS },
          removeOnComplete: true,
        },
      );
    },
    cancelDeadline: (key) => cancel(queue, key),
    startDeadlineWorker: (bus) => startWorker(bus, { connection: open(), prefix, onError }),
    close: async () => {
      await queue.close();
      closeConnection(connection);
    },
  };
}

function startWorker(
  bus: Bus,
  options: { connection: Redis; prefix: string; onError: (error: Error) => void },
): DeadlineWorker {
  const { connection, prefix, onError } = options;
  const send = async (job: Job<Due>): Promise<void> => {
    const { partition, inbox, message } = job.data;
    await bus.send(partition, message, inbox, `deadline:${job.id}`);
  };
  const worker = new Worker<Due>(QUEUE, send, {
    connection,
    prefix,
    concurrency: 16,
    maxStalledCount: 10,
  });
  worker.on("error", onError);
  return {
    stop: async () => {
      await worker.close();
      closeConnection(connection);
    },
  };
}

async function cancel(queue: Queue<Due>, key: DeadlineKey): Promise<CancelReply> {
  const job = await queue.getJob(jobIdOf(key));
  if (job === undefined) return { kind: "absent" };
  try {
    await job.remove();
    return { kind: "cancelled" };
  } catch (error) {
    if (await job.isActive()) return { kind: "too-late" };
    throw error;
  }
}

/** Hashed, because the queue gives ':' in an id a meaning of its own. */
function jobIdOf({ subject, name, epoch }: DeadlineKey): string {
  return createHash("sha256")
    .update(JSON.stringify([subject, name, epoch]))
    .digest("hex");
}

function ignore(): void {
  // As for the bus: links repair themselves.
}
