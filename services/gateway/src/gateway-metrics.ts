import type { Bus, InboxDepth } from "@council/bus";
import { inboxes, noticeChannelNames } from "@council/contracts";
import { suiteHeads } from "@council/domain";
import type { Metrics } from "@council/runtime";
import type { BusCall } from "./bounded-bus.ts";
import type { GuardedRepositories } from "./guarded-repositories.ts";

export interface GatewayMetrics {
  readonly onAnswered: (route: string, status: number, seconds: number) => void;
  readonly onClients: (change: 1 | -1) => void;
  /** The exposition, with the inbox gauges as they are now; without new ones while Redis is away. */
  readonly expose: () => Promise<string>;
  readonly contentType: string;
}

const classes = ["2xx", "3xx", "4xx", "5xx"] as const;

export function gatewayMetrics(
  metrics: Metrics,
  deps: {
    readonly call: BusCall;
    readonly routes: readonly string[];
    readonly inboxes: readonly string[];
    /** Further gauges to read anew. */
    readonly refreshSpending: () => Promise<void>;
    readonly refreshDrills: () => Promise<void>;
  },
): GatewayMetrics {
  const requests = metrics.counter({
    name: "council_http_requests_total",
    help: "Requests answered, by route and class of status.",
    labels: { route: deps.routes, status: classes },
  });
  const seconds = metrics.histogram({
    name: "council_http_seconds",
    help: "From a request's arrival to its answer.",
    labels: { route: deps.routes },
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  });
  const clients = metrics.gauge({ name: "council_sse_clients", help: "Open live feeds." });
  const labels = { inbox: deps.inboxes };
  const length = metrics.gauge({
    name: "council_inbox_length",
    help: "Messages not worked off.",
    labels,
  });
  const oldest = metrics.gauge({
    name: "council_inbox_oldest_seconds",
    help: "Age of the oldest message not worked off.",
    labels,
  });
  const refresh = async (): Promise<void> => {
    const depths = await deps.call((bus: Bus) => bus.depth());
    for (const [inbox, parts] of Map.groupBy(depths, (depth: InboxDepth) => depth.inbox)) {
      length.set(
        parts.reduce((sum, part) => sum + part.length, 0),
        { inbox },
      );
      oldest.set(Math.max(...parts.map((part) => part.oldestPendingAgeMs)) / 1000, { inbox });
    }
  };
  return {
    onAnswered: (route, status, elapsed) => {
      requests.add(1, { route, status: `${Math.floor(status / 100)}xx` });
      seconds.observe(elapsed, { route });
    },
    onClients: (change) => clients.add(change),
    expose: async () => {
      // The other figures matter most while Redis is away.
      await Promise.allSettled([refresh(), deps.refreshSpending(), deps.refreshDrills()]);
      return metrics.expose();
    },
    contentType: metrics.contentType,
  };
}

/** Every inbox the guarded repositories can use. */
export function inboxNames(repositories: GuardedRepositories): string[] {
  const { builder, auditor, ahead, notice, ...single } = inboxes;
  const heads = repositories.all.flatMap(({ policy }) => policy.seats.map(({ head }) => head));
  return [
    ...Object.values(single),
    builder("a"),
    builder("b"),
    ...noticeChannelNames.map((channel) => notice(channel)),
    ...[...new Set(heads)].flatMap((head) =>
      suiteHeads.includes(head) ? [auditor(head), ahead(head)] : [auditor(head)],
    ),
  ];
}
