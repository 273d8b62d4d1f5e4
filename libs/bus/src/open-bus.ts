import type { Bus } from "./bus.ts";
import { BusError } from "./bus-error.ts";
import { makeBus } from "./make-bus.ts";
import { RedisStore } from "./redis-store.ts";

export interface OpenBusOptions {
  readonly url: string;
  /** Shown in the server's client list. Default "council". */
  readonly name?: string;
  /** First letters of every key's hash tag, `[a-z0-9-]`. Default "c". */
  readonly prefix?: string;
  /** 1 to 256, default 16. Fixed for the life of the data: subjects are found by it. */
  readonly partitions?: number;
  /** An inbox longer than this, per partition, refuses more. Default 50,000; 0 = no limit. */
  readonly backpressureLimit?: number;
  /** Told of link errors; links repair themselves. */
  readonly onError?: (error: Error) => void;
}

/** The bus on Redis 7.0 or later. Connects in the background; calls wait until the server answers. */
export function openBus(options: OpenBusOptions): Bus {
  const { prefix = "c", partitions = 16, backpressureLimit = 50_000 } = options;
  if (!/^[a-z0-9-]+$/.test(prefix)) throw new BusError("bad-input", "prefix is not [a-z0-9-]+");
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > 256) {
    throw new BusError("bad-input", "partitions is not 1 to 256");
  }
  const name = options.name ?? "council";
  return makeBus(new RedisStore({ ...options, name, prefix, partitions, backpressureLimit }));
}
