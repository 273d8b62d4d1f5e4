/** The chain on BullMQ, the usual way: one queue and worker per stage, concurrency 50, jobs named by patch. */
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { hopMessage, hopState, stageNames } from "./bus-chain.ts";
import type { OpenChain } from "./bus-chain.ts";

const concurrency = 50;

type Hop = ReturnType<typeof hopMessage>;

/** At least once and without a ledger, so it does less per hop than the bus. */
export const bullmqChain: OpenChain = async (redisUrl, { onHop, onFinished }) => {
  const connection = { url: redisUrl, maxRetriesPerRequest: null };
  const redis = new Redis(redisUrl);
  const queues = stageNames.map((name) => new Queue<Hop>(name, { connection }));
  const add = (patchId: string, hop: number) =>
    queues[hop]!.add("hop", hopMessage(patchId, hop), { jobId: patchId, removeOnComplete: true });
  const workers = stageNames.map((name, hop) => {
    const isLast = hop === stageNames.length - 1;
    const work = async ({ data }: { data: Hop }) => {
      onHop();
      await redis.hset(
        `state:${data.subject}`,
        "version",
        hop + 1,
        "value",
        hopState(data.subject, hop),
      );
      if (!isLast) await add(data.subject, hop + 1);
    };
    const worker = new Worker<Hop>(name, work, { connection, concurrency, autorun: false });
    if (isLast) worker.on("completed", ({ data }) => onFinished(data.subject));
    return worker;
  });
  await Promise.all([...queues, ...workers].map((each) => each.waitUntilReady()));
  return {
    feed: async (patchId) => void (await add(patchId, 0)),
    start: async () => {
      for (const worker of workers) void worker.run();
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.all(queues.map((queue) => queue.close()));
      redis.disconnect();
    },
  };
};
