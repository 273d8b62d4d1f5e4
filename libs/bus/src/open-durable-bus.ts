import { assertDurable } from "./assert-durable.ts";
import type { Bus } from "./bus.ts";
import { connect } from "./connect.ts";
import { openBus } from "./open-bus.ts";

/**
 * Opens the bus for a service, or refuses a Redis that would lose what it acknowledged (P8), with
 * every reason. Waits for as long as the server cannot be reached.
 */
export async function openDurableBus(options: {
  readonly redisUrl: string;
  readonly keyPrefix: string;
  readonly partitions: number;
  readonly name: string;
  readonly onError: (error: Error) => void;
}): Promise<{ kind: "open"; bus: Bus } | { kind: "refused"; reason: string }> {
  const { redisUrl: url, keyPrefix: prefix, partitions, name, onError } = options;
  const probe = connect({ url, name: `${name}-probe`, onError });
  const durability = await assertDurable(probe).finally(() => probe.disconnect());
  if (durability.kind === "unsafe") {
    return { kind: "refused", reason: `REDIS_URL: ${durability.reasons.join("; ")}` };
  }
  return { kind: "open", bus: openBus({ url, name, prefix, partitions, onError }) };
}
