import { onTestFinished } from "vitest";
import type { Bus, ConsumerEvent, ConsumeOptions, Delivery, Outcome } from "../bus.ts";
import { testMessage } from "../testing/test-message.ts";

export type OpenTestBus = (options?: { readonly backpressureLimit?: number }) => Promise<Bus>;

export interface Watched {
  readonly events: ConsumerEvent[];
  count(kind: ConsumerEvent["kind"]): number;
  stop(): Promise<void>;
}

/** Consumes with quick retries and keeps what it is told. Stops with the test. */
export function consume(bus: Bus, options: ConsumeOptions): Watched {
  const events: ConsumerEvent[] = [];
  const consumer = bus.consume({
    backoffMs: () => 1,
    claimIdleMs: 300,
    onOutcome: (event) => events.push(event),
    ...options,
  });
  onTestFinished(() => consumer.stop());
  return {
    events,
    count: (kind) => events.filter((event) => event.kind === kind).length,
    stop: () => consumer.stop(),
  };
}

/** Sends one message and gives its delivery, held by a consumer whose handler waits for `finish`. */
export async function heldDelivery(
  bus: Bus,
  inbox = "in",
): Promise<{ delivery: Delivery; finish: (outcome: Outcome) => void; watched: Watched }> {
  const given = Promise.withResolvers<Delivery>();
  const wanted = Promise.withResolvers<Outcome>();
  const watched = consume(bus, {
    inbox,
    handler: (delivery) => {
      given.resolve(delivery);
      return wanted.promise;
    },
  });
  const message = testMessage();
  await bus.ingest(1, { id: "x", keys: [{ key: message.id }], messages: [{ inbox, message }] });
  const delivery = await given.promise;
  onTestFinished(() => wanted.resolve({})); // lets the consumer stop, whatever the test did
  return { delivery, finish: wanted.resolve, watched };
}
