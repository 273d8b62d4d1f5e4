// Drills that are asked for, and those that come by the calendar: one queue, and one at a time however many
// processes carry them out. BullMQ knows when one is due; what it is is decided by whoever carries it out.
import { createHash } from "node:crypto";
import { Queue, Worker } from "bullmq";
import type { Job } from "bullmq";
import { closeConnection, connect } from "./connect.ts";

/** `usual` is what the process that carries it out was started with. */
export type DrillScope = "usual" | "short" | "comprehensive";

export interface DrillOrder {
  readonly scope: DrillScope;
  readonly actor: string;
  readonly reason: string;
}

export interface DrillInLine {
  readonly id: string;
  readonly order: DrillOrder;
  /** Milliseconds since the epoch. */
  readonly askedAt: number;
}

export interface DrillUnderWay extends DrillInLine {
  readonly startedAt: number;
  /** What it has said last, newest last. */
  readonly said: readonly string[];
}

export interface DrillLine {
  /** Processes that carry drills out; with none, whatever is asked for waits. */
  readonly runners: number;
  readonly waiting: readonly DrillInLine[];
  readonly running?: DrillUnderWay;
  readonly schedule?: { readonly cron: string; readonly nextAt: number };
}

export type AskReply = { readonly kind: "asked"; readonly id: string } | { readonly kind: "full" };

/** Both throw what Redis throws. */
export interface DrillQueue {
  /** Puts a drill in line, one for each key; `full` when five wait already. */
  ask(order: DrillOrder, key?: string): Promise<AskReply>;
  look(): Promise<DrillLine>;
  close(): Promise<void>;
}

export interface DrillQueueOptions {
  readonly redisUrl: string;
  /** As given to `openBus`. */
  readonly prefix: string;
  readonly onError: (error: Error) => void;
}

/** What came of a drill. */
export interface DrillResult {
  readonly exit: number;
  readonly digest: string;
}

export type CarryOut = (order: DrillOrder, say: (line: string) => void) => Promise<DrillResult>;

export const mostWaiting = 5;
const queueName = "drills";
const schedulerId = "drill";
const kept = { removeOnComplete: { count: 100 }, removeOnFail: { count: 100 } };
const keptLines = 12;
/** The queue's own blocking reads last up to 10 s. */
const socketTimeoutMs = 15_000;
const byCalendar: DrillOrder = { scope: "usual", actor: "calendar", reason: "it is due" };

interface Told {
  readonly said: readonly string[];
}

function open({ redisUrl, prefix, onError }: DrillQueueOptions) {
  const name = "council-drills";
  const link = () => connect({ url: redisUrl, name, socketTimeoutMs, onError });
  const connection = link();
  const where = { prefix: `{${prefix}drills}` };
  const queue = new Queue<Partial<DrillOrder>>(queueName, { connection, ...where });
  queue.on("error", onError);
  const close = async () => {
    await queue.close();
    closeConnection(connection);
  };
  return { queue, link, where, close };
}

export function openDrillQueue(options: DrillQueueOptions): DrillQueue {
  const { queue, close } = open(options);
  return {
    ask: async (order, key) => {
      // BullMQ takes a job of an id it knows for that one.
      const jobId = key === undefined ? undefined : `asked-${idOf(key)}`;
      if (jobId !== undefined && (await queue.getJob(jobId))) return { kind: "asked", id: jobId };
      if ((await queue.getWaitingCount()) >= mostWaiting) return { kind: "full" };
      const job = await queue.add("asked", order, jobId === undefined ? kept : { ...kept, jobId });
      return { kind: "asked", id: job.id ?? "" };
    },
    look: async () => {
      const [runners, waiting, [active], [scheduler]] = await Promise.all([
        queue.getWorkersCount(),
        queue.getWaiting(),
        queue.getActive(),
        queue.getJobSchedulers(0, 0),
      ]);
      return {
        runners,
        waiting: waiting.map(inLine),
        ...(active ? { running: underWay(active) } : {}),
        ...(scheduler?.next === undefined
          ? {}
          : { schedule: { cron: scheduler.pattern ?? "", nextAt: scheduler.next } }),
      };
    },
    close,
  };
}

const idOf = (key: string) => createHash("sha256").update(key).digest("hex").slice(0, 32);

function inLine(job: Job<Partial<DrillOrder>>): DrillInLine {
  return { id: job.id ?? "", order: { ...byCalendar, ...job.data }, askedAt: job.timestamp };
}

function underWay(job: Job<Partial<DrillOrder>>): DrillUnderWay {
  const { said = [] } = job.progress as Partial<Told>;
  return { ...inLine(job), startedAt: job.processedOn ?? job.timestamp, said };
}

/** Carries out what is asked for and what is due, one at a time, until it is stopped; a drill under way ends first. */
export async function serveDrills(
  options: DrillQueueOptions,
  carryOut: CarryOut,
): Promise<{ stop: () => Promise<void> }> {
  const { queue, link, where, close } = open(options);
  await queue.setGlobalConcurrency(1);
  const working = link();
  const process = async (job: Job<Partial<DrillOrder>>) => {
    const said: string[] = [];
    const say = (line: string) => {
      said.push(line);
      const told: Told = { said: said.slice(-keptLines) };
      job.updateProgress(told).catch(options.onError);
    };
    return await carryOut({ ...byCalendar, ...job.data }, say);
  };
  const worker = new Worker(queueName, process, { connection: working, ...where });
  worker.on("error", options.onError);
  worker.on("failed", (_job, error) => options.onError(error));
  const stop = async () => {
    await worker.close();
    closeConnection(working);
    await close();
  };
  return { stop };
}

/**
 * Puts the schedule into Redis in place of the one there, and answers when it is due next. Five fields, or six
 * with seconds first; in UTC. Rejects when `cron` is no schedule.
 */
export async function scheduleDrills(options: DrillQueueOptions, cron: string): Promise<number> {
  const { queue, close } = open(options);
  try {
    const repeat = { pattern: cron, tz: "UTC" };
    await queue.upsertJobScheduler(schedulerId, repeat, { opts: kept });
    return (await queue.getJobScheduler(schedulerId))?.next ?? Date.now();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`the schedule "${cron}" was not taken: ${reason}`, { cause: error });
  } finally {
    await close();
  }
}

/** Takes the schedule out of Redis; false when there was none. */
export async function unscheduleDrills(options: DrillQueueOptions): Promise<boolean> {
  const { queue, close } = open(options);
  try {
    return await queue.removeJobScheduler(schedulerId);
  } finally {
    await close();
  }
}
