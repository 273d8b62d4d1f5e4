/**
 * A chain of five stages that each patch goes through, as both peers are measured: all stages in this
 * process, each hop reads a message of about 200 bytes, parses it, writes the patch's state and hands
 * the patch to the next stage. Feeding is not part of throughput, on neither side.
 */
import { Redis } from "ioredis";

export const stageNames = ["s1", "s2", "s3", "s4", "s5"] as const;

export interface ChainHooks {
  /** Told of each hop before its work. */
  readonly onHop: () => void;
  /** Told when the last hop of a patch is committed. */
  readonly onFinished: (patchId: string) => void;
}

export interface Chain {
  /** Takes a patch in, once; resolves when it is stored. */
  readonly feed: (patchId: string) => Promise<void>;
  readonly start: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export type OpenChain = (redisUrl: string, hooks: ChainHooks) => Promise<Chain>;

export interface Throughput {
  readonly patchesPerSecond: number;
  /** Processor time of the Redis server for one patch. */
  readonly redisCpuMicros: number;
  /** Processor time of this process for one patch. */
  readonly nodeCpuMicros: number;
}

const pad = "x".repeat(60);
const feedingAtOnce = 500;
const stuckMs = 120_000;

/** What travels: the frame of a message as the bus has it, 200 bytes as JSON. */
export function hopMessage(patchId: string, hop: number) {
  const id = `${patchId}.${hop}`;
  return {
    v: 1,
    id,
    type: "hop",
    subject: patchId,
    correlationId: patchId,
    at: 0,
    body: { pad },
  } as const;
}

/** What is kept of a patch after a hop, about 100 bytes. */
export function hopState(patchId: string, hop: number): string {
  return JSON.stringify({ patchId, hop, pad });
}

/** Patches per second with the whole backlog waiting, from the first hop's start to the last one's end. */
export async function measureThroughput(
  open: OpenChain,
  input: { readonly redisUrl: string; readonly patches: number },
): Promise<Throughput> {
  const { redisUrl, patches } = input;
  const finished = Promise.withResolvers<void>();
  let startedAt: number | undefined;
  let left = patches;
  const chain = await open(redisUrl, {
    onHop: () => (startedAt ??= performance.now()),
    onFinished: () => {
      left -= 1;
      if (left === 0) finished.resolve();
    },
  });
  try {
    await feedAll(chain, patches);
    const cpu = await cpuMeter(redisUrl);
    await chain.start();
    await inTime(finished.promise, () => `${left} of ${patches} patches did not finish`);
    const seconds = (performance.now() - (startedAt ?? 0)) / 1000;
    const used = await cpu();
    return {
      patchesPerSecond: patches / seconds,
      redisCpuMicros: used.redisMicros / patches,
      nodeCpuMicros: used.nodeMicros / patches,
    };
  } finally {
    await chain.close();
  }
}

/**
 * From the moment each patch was due to be fed to the commit of its last hop, in ms. Patches come at a
 * fixed rate whether or not earlier ones are through (an open loop), and the first second is not counted.
 */
export async function measureLatency(
  open: OpenChain,
  input: { readonly redisUrl: string; readonly perSecond: number; readonly seconds: number },
): Promise<readonly number[]> {
  const { redisUrl, perSecond, seconds } = input;
  const total = perSecond * (seconds + 1);
  const dueAt = new Map<string, number>();
  const latenciesMs: number[] = [];
  const finished = Promise.withResolvers<void>();
  let left = total;
  const chain = await open(redisUrl, {
    onHop: () => {},
    onFinished: (patchId) => {
      const due = dueAt.get(patchId);
      if (due !== undefined) latenciesMs.push(performance.now() - due);
      left -= 1;
      if (left === 0) finished.resolve();
    },
  });
  try {
    await chain.start();
    const feeding: Promise<void>[] = [];
    await openLoop({ perSecond, total }, (at, due) => {
      if (at >= perSecond) dueAt.set(patchName(at), due);
      feeding.push(chain.feed(patchName(at)));
    });
    await Promise.all(feeding);
    await inTime(finished.promise, () => `${left} of ${total} patches did not finish`);
    return latenciesMs;
  } finally {
    await chain.close();
  }
}

/** Calls `act` at a fixed rate with the number of the call and when it was due (performance.now). */
export async function openLoop(
  { perSecond, total }: { readonly perSecond: number; readonly total: number },
  act: (at: number, dueAtMs: number) => void,
): Promise<void> {
  const startedAt = performance.now();
  for (let at = 0; at < total;) {
    const now = performance.now();
    for (; at < total; at += 1) {
      const due = startedAt + (at * 1000) / perSecond;
      if (due > now) break;
      act(at, due);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

export function patchName(at: number): string {
  return `patch-${String(at).padStart(8, "0")}`;
}

async function feedAll(chain: Chain, patches: number): Promise<void> {
  for (let at = 0; at < patches; at += feedingAtOnce) {
    const count = Math.min(feedingAtOnce, patches - at);
    await Promise.all(Array.from({ length: count }, (_, each) => chain.feed(patchName(at + each))));
  }
}

/** Starts counting processor time; the answer ends it. */
export async function cpuMeter(
  redisUrl: string,
): Promise<() => Promise<{ redisMicros: number; nodeMicros: number }>> {
  const redisBefore = await redisCpuMicros(redisUrl);
  const nodeBefore = process.cpuUsage();
  return async () => {
    const { user, system } = process.cpuUsage(nodeBefore);
    return {
      redisMicros: (await redisCpuMicros(redisUrl)) - redisBefore,
      nodeMicros: user + system,
    };
  };
}

async function redisCpuMicros(redisUrl: string): Promise<number> {
  const redis = new Redis(redisUrl);
  try {
    const info = await redis.info("cpu");
    const seconds = (name: string) => Number(new RegExp(`${name}:([\\d.]+)`).exec(info)?.[1]);
    return 1e6 * (seconds("used_cpu_sys") + seconds("used_cpu_user"));
  } finally {
    redis.disconnect();
  }
}

async function inTime(work: Promise<void>, complaint: () => string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(complaint())), stuckMs);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
