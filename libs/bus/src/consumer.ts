// The consumer of one inbox. It owns every delivery it holds, from the read to the commit, the dead
// letter or the hand-back, and three loops: read (new entries), heartbeat (sign of life for all that is held)
// and sweep (take over what silent holders left). Two of these in two processes never both commit one
// input: each write below is fenced in the store by holder and delivery count (P1).
//
// A failing server stops nothing: each loop waits and goes on, and a finished outcome is offered again
// until the store answers. Whatever dies with this process is taken over by another one.
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { Claim, ConsumeOptions, Consumer, ConsumerEvent, Delivery, Outcome } from "./bus.ts";
import { BusError } from "./bus-error.ts";
import { parseMessage } from "./message.ts";
import type { Message } from "./message.ts";
import { pause } from "./pause.ts";
import type { Entry, InboxPort, Store } from "./store.ts";
import { SubjectLanes } from "./subject-lanes.ts";

/** How often a handler is run again on one delivery because the state moved under it. */
const STALE_RERUNS = 5;
/** From this delivery on an entry is suspected to kill its process, and runs alone. */
const SUSPECT_DELIVERY = 3;
/** Entries waiting for their next try hold no place in the batch, but not without end. */
const MAX_HELD = 10_000;
const MAX_BLOCK_MS = 2000;

interface Held {
  claim: Claim;
  readonly entry: Entry;
  readonly lost: AbortController;
  /** Settles when the first attempt is over, whatever came of it. */
  readonly attempted: PromiseWithResolvers<void>;
  started: boolean;
}

type Attempt = { readonly kind: "done" } | { readonly kind: "failed"; readonly error: Error };

const DONE: Attempt = { kind: "done" };

/** Starts consuming. Failures to reach the store show as `unavailable` events, never as exceptions. */
export function startConsumer(store: Store, options: ConsumeOptions): Consumer {
  const consumer = new InboxConsumer(store, options);
  consumer.start();
  return { name: consumer.name, stop: () => consumer.stop() };
}

function defaultBackoffMs(deliveryCount: number): number {
  return Math.min(30_000, 100 * 2 ** (deliveryCount - 1));
}

class InboxConsumer {
  readonly name: string;
  readonly #store: Store;
  readonly #options: ConsumeOptions;
  readonly #batch: number;
  readonly #concurrency: number;
  readonly #claimIdleMs: number;
  readonly #maxDeliveries: number;
  readonly #lanes: SubjectLanes;
  readonly #stopping = new AbortController();
  readonly #held = new Set<Held>();
  readonly #running = new Set<Promise<void>>();
  readonly #roomWaiters: (() => void)[] = [];
  #resting = 0;
  #port: InboxPort | undefined;
  #loops: Promise<unknown> = Promise.resolve();

  constructor(store: Store, options: ConsumeOptions) {
    this.#store = store;
    this.#options = options;
    this.#batch = options.batch ?? 100;
    this.#concurrency = options.concurrency ?? 16;
    this.#claimIdleMs = Math.max(100, options.claimIdleMs ?? 5000);
    this.#maxDeliveries = options.maxDeliveries ?? 5;
    this.#lanes = new SubjectLanes(this.#concurrency);
    const incarnation = `${hostname()}-${process.pid}-${randomBytes(4).toString("hex")}`;
    this.name = options.consumer ?? `${options.inbox}-${incarnation}`;
  }

  start(): void {
    this.#loops = this.#live();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    // Not awaited: with the server away it waits, and closing the bus has to be able to end everything.
    void this.#port?.interrupt().catch(() => undefined);
    this.#wakeReader();
    await this.#loops;
  }

  async #live(): Promise<void> {
    const port = await this.#patiently(() => this.#store.openInbox(this.#options.inbox, this.name));
    if (port === undefined) return;
    this.#port = port;
    const beating = new AbortController();
    const heartbeat = this.#every(beating.signal, () => this.#beat(port));
    await Promise.all([
      this.#readLoop(port),
      this.#every(this.#stopping.signal, () => this.#sweep(port)),
    ]);
    while (this.#running.size > 0) await Promise.all(this.#running);
    beating.abort();
    await heartbeat;
    await port.leave().catch((error: unknown) => this.#unavailable(error));
  }

  async #readLoop(port: InboxPort): Promise<void> {
    const blockMs = Math.min(this.#options.blockMs ?? 1000, MAX_BLOCK_MS);
    while (!this.#stopping.signal.aborted) {
      await this.#room();
      const count = Math.max(1, this.#batch - this.#active);
      const entries = await this.#patiently(() => port.read(count, blockMs));
      for (const entry of entries ?? []) void this.#accept(port, entry);
    }
  }

  /** Takes over what others left. Suspects run one at a time, so only the guilty one keeps killing its process. */
  async #sweep(port: InboxPort): Promise<void> {
    // After a long pause of this process its own entries look abandoned too: show life first.
    await this.#beat(port);
    for (let partition = 0; partition < this.#store.partitions;) {
      await this.#room();
      if (this.#stopping.signal.aborted) return;
      const { entry, lostIds } = await port.takeOver(partition, this.#claimIdleMs);
      if (lostIds.length > 0) this.#tell({ kind: "data-loss", partition, entryIds: lostIds });
      if (entry === undefined) {
        if (lostIds.length === 0) partition += 1;
        continue;
      }
      const attempted = this.#accept(port, entry);
      if (entry.deliveryCount >= SUSPECT_DELIVERY) await attempted;
    }
  }

  async #beat(port: InboxPort): Promise<void> {
    const held = [...this.#held];
    if (held.length === 0) return;
    const claims = held.map(({ claim }) => claim);
    const good = await port.hold(claims);
    for (const [at, each] of held.entries()) {
      // A retry may have replaced the claim meanwhile; then the answer is about an older delivery.
      if (good[at] === false && each.claim === claims[at]) each.lost.abort();
    }
  }

  #accept(port: InboxPort, entry: Entry): Promise<void> {
    const held: Held = {
      claim: entry,
      entry,
      lost: new AbortController(),
      attempted: Promise.withResolvers<void>(),
      started: false,
    };
    this.#held.add(held);
    const run = this.#process(port, held)
      .catch((error: unknown) => this.#unavailable(error))
      .finally(() => {
        held.attempted.resolve();
        this.#held.delete(held);
        this.#running.delete(run);
        this.#wakeReader();
      });
    this.#running.add(run);
    return held.attempted.promise;
  }

  async #process(port: InboxPort, held: Held): Promise<void> {
    const { entry } = held;
    const parsed = parseMessage(entry.payload);
    if (parsed.kind === "malformed") {
      return this.#bury(port, held, `malformed message: ${parsed.reason}`);
    }
    if (entry.deliveryCount > this.#maxDeliveries) {
      return this.#bury(port, held, `abandoned on each of ${this.#maxDeliveries} deliveries`);
    }
    for (;;) {
      const attempt = await this.#lanes.run(parsed.message.subject, () =>
        this.#attempt(port, held, parsed.message),
      );
      held.attempted.resolve();
      if (attempt.kind === "done") return;
      const again = await this.#afterFailure(port, held, parsed.message, attempt.error);
      if (!again) return;
    }
  }

  /** Runs the handler until its outcome is committed or known not to be. */
  async #attempt(port: InboxPort, held: Held, message: Message): Promise<Attempt> {
    if (!held.started && this.#stopping.signal.aborted) {
      await port.release([held.claim]);
      return DONE;
    }
    held.started = true;
    const delivery: Delivery = { ...claimOf(held.claim), message };
    const startedAtMs = performance.now();
    for (let rerun = 0; ; rerun += 1) {
      let outcome: Outcome;
      try {
        outcome = await this.#options.handler(delivery, held.lost.signal);
      } catch (error) {
        return this.#failure(held, delivery, error);
      }
      const reply = await this.#commit(delivery, outcome).catch((error: unknown) => toError(error));
      if (reply instanceof Error) return this.#failure(held, delivery, reply);
      switch (reply.kind) {
        case "applied":
          this.#tell({ kind: "applied", delivery, durationMs: performance.now() - startedAtMs });
          return DONE;
        case "fenced":
          this.#tell({ kind: "fenced", delivery });
          return DONE;
        case "stopped":
          await port.release([held.claim]);
          return DONE;
        case "stale":
          this.#tell({ kind: "stale", delivery, version: reply.version });
          if (rerun >= STALE_RERUNS)
            return { kind: "failed", error: new Error("state kept moving") };
      }
    }
  }

  #failure(held: Held, delivery: Delivery, error: unknown): Attempt {
    if (error instanceof BusError && error.code === "closed") return DONE;
    if (!held.lost.signal.aborted) return { kind: "failed", error: toError(error) };
    this.#tell({ kind: "fenced", delivery });
    return DONE;
  }

  /** Offers one outcome until the store judges it. Repeating is safe: a second time it is fenced (P1). */
  async #commit(
    delivery: Delivery,
    outcome: Outcome,
  ): Promise<
    | { kind: "applied" }
    | { kind: "fenced" }
    | { kind: "stopped" }
    | { kind: "stale"; version: number }
  > {
    for (let wait = 50; ; wait = Math.min(1000, wait * 2)) {
      try {
        const reply = await this.#store.commit(delivery, outcome);
        if (reply.kind !== "backpressure") return reply;
        this.#tell({ kind: "backpressure", delivery, inbox: reply.inbox });
        if (this.#stopping.signal.aborted) return { kind: "stopped" };
      } catch (error) {
        if (!this.#store.isTransient(error)) throw error;
        this.#unavailable(error);
      }
      await pause(wait, this.#stopping.signal.aborted ? undefined : this.#stopping.signal);
    }
  }

  /** True when the delivery was counted again and may be tried again. */
  async #afterFailure(
    port: InboxPort,
    held: Held,
    message: Message,
    error: Error,
  ): Promise<boolean> {
    const delivery: Delivery = { ...claimOf(held.claim), message };
    const { deliveryCount } = held.claim;
    const backoffMs = (this.#options.backoffMs ?? defaultBackoffMs)(deliveryCount);
    this.#tell({ kind: "failed", delivery, error, backoffMs });
    if (deliveryCount >= this.#maxDeliveries) {
      await this.#bury(port, held, error.message);
      return false;
    }
    this.#rest(1);
    await pause(backoffMs, this.#stopping.signal);
    this.#rest(-1);
    // Released instead of counted: the next holder counts its own delivery.
    if (this.#stopping.signal.aborted) {
      await port.release([held.claim]);
      return false;
    }
    const claim = await this.#untilAnswered(() => port.retry(held.claim));
    if (claim === undefined) {
      this.#tell({ kind: "fenced", delivery });
      return false;
    }
    held.claim = claim;
    return true;
  }

  async #bury(port: InboxPort, held: Held, error: string): Promise<void> {
    const buried = await this.#untilAnswered(() => port.deadLetter(held.claim, error));
    if (buried) this.#tell({ kind: "dead-lettered", claim: claimOf(held.claim), error });
  }

  /** Repeats until the store answers: for steps that are fenced and must not be forgotten. */
  async #untilAnswered<T>(step: () => Promise<T>): Promise<T> {
    for (let wait = 50; ; wait = Math.min(1000, wait * 2)) {
      try {
        return await step();
      } catch (error) {
        if (!this.#store.isTransient(error)) throw error;
        this.#unavailable(error);
        await pause(wait);
      }
    }
  }

  /** Repeats until it works or the consumer stops: for steps that may be left undone. */
  async #patiently<T>(step: () => Promise<T>): Promise<T | undefined> {
    for (let wait = 50; !this.#stopping.signal.aborted; wait = Math.min(1000, wait * 2)) {
      try {
        return await step();
      } catch (error) {
        if (isClosed(error)) this.#stopping.abort();
        this.#unavailable(error);
        await pause(wait, this.#stopping.signal);
      }
    }
    return undefined;
  }

  async #every(signal: AbortSignal, act: () => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      await pause(this.#claimIdleMs / 3, signal);
      if (signal.aborted) return;
      await act().catch((error: unknown) => this.#unavailable(error));
    }
  }

  get #active(): number {
    return this.#held.size - this.#resting;
  }

  /** Waits until it pays to read: a free slot, or half the batch gone. */
  async #room(): Promise<void> {
    while (!this.#stopping.signal.aborted && !this.#hasRoom()) {
      await new Promise<void>((resolve) => this.#roomWaiters.push(resolve));
    }
  }

  #hasRoom(): boolean {
    if (this.#held.size >= MAX_HELD) return false;
    return this.#active < this.#concurrency || this.#active <= this.#batch / 2;
  }

  #wakeReader(): void {
    for (const wake of this.#roomWaiters.splice(0)) wake();
  }

  #rest(change: 1 | -1): void {
    this.#resting += change;
    this.#wakeReader();
  }

  #unavailable(error: unknown): void {
    if (isClosed(error)) return;
    if (error instanceof BusError && error.code === "group-lost") {
      this.#tell({ kind: "data-loss", partition: undefined, entryIds: [] });
    }
    this.#tell({ kind: "unavailable", error: toError(error) });
  }

  #tell(event: ConsumerEvent): void {
    this.#options.onOutcome?.(event);
  }
}

function claimOf({ inbox, partition, entryId, consumer, deliveryCount }: Claim): Claim {
  return { inbox, partition, entryId, consumer, deliveryCount };
}

function isClosed(error: unknown): boolean {
  return error instanceof BusError && error.code === "closed";
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
