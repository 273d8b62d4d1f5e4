/** Drills by the calendar. BullMQ knows when one is due; what it is is decided by whoever carries it out. */
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import type { DrillExit } from "./run-drill.ts";

export interface Schedule {
  readonly redisUrl: string;
  /** As the services have it (`COUNCIL_KEY_PREFIX`). */
  readonly prefix: string;
  /** Five fields, or six with seconds first; in UTC. */
  readonly cron: string;
  readonly drill: () => Promise<{ readonly exit: DrillExit; readonly report: { digest: string } }>;
  readonly onError: (error: Error) => void;
}

export interface Scheduled {
  readonly nextAt: number;
  /** Lets a drill that is under way finish. The schedule stays, for whoever comes next. */
  readonly stop: () => Promise<void>;
}

const queueName = "drills";
const schedulerId = "drill";
const keptResults = 100;
const prefixOf = (prefix: string) => `{${prefix}drills}`;
const openRedis = (url: string) => new Redis(url, { maxRetriesPerRequest: null });

/**
 * Puts the schedule into Redis in place of the one there, and carries out what is due, one drill at a
 * time however many processes do so. Rejects when `cron` is no schedule.
 */
export async function scheduleDrills(schedule: Schedule): Promise<Scheduled> {
  const { redisUrl, cron, drill, onError } = schedule;
  const prefix = prefixOf(schedule.prefix);
  const [connection, working] = [openRedis(redisUrl), openRedis(redisUrl)];
  for (const redis of [connection, working]) redis.on("error", onError);
  const queue = new Queue(queueName, { connection, prefix });
  queue.on("error", onError);
  const close = async () => {
    await queue.close();
    connection.disconnect();
    working.disconnect();
  };
  try {
    await queue.setGlobalConcurrency(1);
    const template = {
      opts: { removeOnComplete: { count: keptResults }, removeOnFail: { count: keptResults } },
    };
    const repeat = { pattern: cron, tz: "UTC" };
    const next = await queue.upsertJobScheduler(schedulerId, repeat, template);
    const carryOut = async () => {
      const { exit, report } = await drill();
      return { exit, digest: report.digest };
    };
    const worker = new Worker(queueName, carryOut, { connection: working, prefix });
    worker.on("error", onError);
    worker.on("failed", (_job, error) => onError(error));
    return {
      nextAt: (next?.timestamp ?? Date.now()) + (next?.delay ?? 0),
      stop: async () => {
        await worker.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`the schedule "${cron}" was not taken: ${reason}`, { cause: error });
  }
}

/** Takes the schedule out of Redis; false when there was none. */
export async function unscheduleDrills(
  where: Pick<Schedule, "redisUrl" | "prefix">,
): Promise<boolean> {
  const connection = openRedis(where.redisUrl);
  const queue = new Queue(queueName, { connection, prefix: prefixOf(where.prefix) });
  try {
    return await queue.removeJobScheduler(schedulerId);
  } finally {
    await queue.close();
    connection.disconnect();
  }
}
