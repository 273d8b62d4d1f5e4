/**
 * What every service that works off inboxes has in common: consumers with metrics and logs, the
 * operations endpoint, and an end that finishes the work in hand. The bus comes in as a port, so
 * that this library and the bus stay apart.
 */
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { type Check, serveOperations } from "./operations-server.ts";
import type { RunningService } from "./run-service.ts";
import { defineSettings } from "./settings.ts";
import { tracedHandler, type TracedMessage, traceIdOf } from "./tracing.ts";

/** Settings of every service on the bus. */
export const busSettings = defineSettings({
  redisUrl: {
    env: "REDIS_URL",
    kind: "url",
    schemes: ["redis", "rediss"],
    default: "redis://127.0.0.1:6379",
    meaning:
      "The Redis that holds the inboxes, the state and the ledger; it must be persistent and never evict.",
  },
  keyPrefix: {
    env: "COUNCIL_KEY_PREFIX",
    kind: "string",
    default: "c",
    meaning: "Begins every key, so that several Councils can share one Redis.",
  },
  partitions: {
    env: "COUNCIL_PARTITIONS",
    kind: "integer",
    default: 16,
    min: 1,
    max: 100,
    meaning: "Number of partitions; it must be the same in every service and never change.",
  },
  claimIdleMs: {
    env: "COUNCIL_CLAIM_IDLE",
    kind: "durationMs",
    default: "5s",
    min: 200,
    meaning: "After how long without a sign of life another process takes a message over.",
  },
  opsHost: {
    env: "COUNCIL_OPS_HOST",
    kind: "string",
    default: "127.0.0.1",
    meaning: "Address of the operations endpoint (/healthz, /readyz, /metrics).",
  },
  opsPort: {
    env: "COUNCIL_OPS_PORT",
    kind: "integer",
    default: 0,
    min: 0,
    max: 65_535,
    meaning: "Port of the operations endpoint; 0 takes a free one.",
  },
});

/** Settings of every service that reads repositories. */
export const repositorySettings = defineSettings({
  repositories: {
    env: "COUNCIL_REPOSITORIES",
    kind: "path",
    required: true,
    meaning: "The file (YAML or JSON) that lists the repositories under guard.",
  },
  dataDir: {
    env: "COUNCIL_DATA_DIR",
    kind: "path",
    default: ".council/data",
    meaning:
      "Working folder; each service keeps its own bare mirrors in a folder of its name there.",
  },
});

/** What a consumer reports; the fields depend on the kind. */
export interface WorkEvent {
  readonly kind: string;
  readonly durationMs?: number;
  readonly error?: unknown;
  readonly delivery?: { readonly message: TracedMessage };
}

interface Consuming<Handler> {
  readonly inbox: string;
  readonly handler: Handler;
  readonly concurrency?: number;
  readonly batch?: number;
  readonly maxDeliveries?: number;
  readonly backoffMs?: (deliveryCount: number) => number;
}

/** The part of the bus a worker needs. */
export interface WorkSource<Handler> {
  consume(
    options: Consuming<Handler> & {
      readonly claimIdleMs: number;
      readonly onOutcome: (event: WorkEvent) => void;
    },
  ): { stop(): Promise<void> };
  readState(partition: number, subject: string): Promise<unknown>;
  close(): Promise<void>;
}

interface WorkerContext {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly settings: {
    readonly opsHost: string;
    readonly opsPort: number;
    readonly claimIdleMs: number;
  };
}

/** Starts the consumers and the operations endpoint; `stop` drains, then runs `closing`, then leaves Redis. */
export async function serveWorker<Handler>(input: {
  readonly context: WorkerContext;
  readonly bus: WorkSource<Handler>;
  readonly consumers: readonly Consuming<Handler>[];
  readonly checks?: Readonly<Record<string, Check>>;
  readonly closing?: () => Promise<void>;
}): Promise<RunningService> {
  const { context, bus } = input;
  const { claimIdleMs, opsHost, opsPort } = context.settings;
  const onOutcome = reportWork(context);
  const consumers = input.consumers.map((options) =>
    bus.consume({ ...options, handler: tracedHandler(options.handler), claimIdleMs, onOutcome }),
  );
  const { metrics, log } = context;
  const operations = await serveOperations({
    port: opsPort,
    host: opsHost,
    metrics,
    log,
    checks: { redis: checkBus(bus), ...input.checks },
  });
  return {
    stop: async () => {
      await Promise.all(consumers.map((consumer) => consumer.stop()));
      await input.closing?.();
      await operations.close();
      await bus.close();
    },
  };
}

/** Ready means that Redis answers a read. */
export function checkBus(bus: Pick<WorkSource<unknown>, "readState">): Check {
  return async () => {
    try {
      await bus.readState(0, "ready");
      return { kind: "ok" };
    } catch (error) {
      return { kind: "failing", reason: error instanceof Error ? error.message : "no answer" };
    }
  };
}

const outcomes = [
  "applied",
  "fenced",
  "stale",
  "backpressure",
  "failed",
  "dead-lettered",
  "data-loss",
  "unavailable",
];
const loud = new Set(["failed", "dead-lettered", "data-loss", "unavailable"]);

/** Counts and times what consumers do; what needs a person is logged. */
export function reportWork({
  log,
  metrics,
}: Pick<WorkerContext, "log" | "metrics">): (event: WorkEvent) => void {
  const counter = metrics.counter({
    name: "council_messages_total",
    help: "Messages worked off, by outcome.",
    labels: { outcome: outcomes },
  });
  const seconds = metrics.histogram({
    name: "council_message_seconds",
    help: "From taking a message up to its commit.",
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  });
  return (event) => {
    counter.add(1, { outcome: event.kind });
    if (event.durationMs !== undefined) seconds.observe(event.durationMs / 1000);
    const message = event.delivery?.message;
    const about = {
      outcome: event.kind,
      type: message?.type,
      subject: message?.subject,
      trace_id: message && traceIdOf(message),
    };
    if (event.kind === "data-loss" || event.kind === "dead-lettered")
      log.error({ ...about, event }, "a message was given up");
    else if (loud.has(event.kind)) log.warn({ ...about, err: event.error }, "work is delayed");
    else log.debug(about, "message handled");
  };
}
