import { openDurableBus } from "@council/bus";
import { inboxes, type SampleSource } from "@council/contracts";
import { conclude, observe } from "@council/domain";
import { loadRepositories, RuntimeError, runService, serveWorker } from "@council/runtime";
import { settings } from "./config.ts";
import { handleWatch, type Watching } from "./handle-watch.ts";
import { type Looking, lookAtSources } from "./sources/look-at-sources.ts";
import { sightMetrics } from "./sources/sight-metrics.ts";
import { watchMetrics } from "./watch-metrics.ts";

/** Watches with sources that one process looks at, at the same time. */
const mostWatched = 1000;
/** A chain of looks that was given up would leave a watch blind for good. */
const untilDone = 100_000;

await runService({
  name: "streaming-auditor",
  settings,
  start: async (context) => {
    const onError = (err: Error) => context.log.warn({ err }, "redis link");
    const opened = await openDurableBus({ ...context.settings, name: context.name, onError });
    if (opened.kind === "refused") throw new RuntimeError("configuration-refused", opened.reason);
    const { bus } = opened;
    const { repositories: path } = context.settings;
    const repositories = path === undefined ? new Map() : await loadRepositories(path);
    const sourcesOf = (repository: string): readonly SampleSource[] =>
      repositories.get(repository)?.sources ?? [];
    const watching: Watching = {
      bus,
      observer: { observe, conclude },
      clock: Date.now,
      sourcesOf,
      ...watchMetrics(context.metrics),
    };
    const looking: Looking = {
      bus,
      clock: Date.now,
      sourcesOf,
      stopping: context.stopping,
      onSeen: sightMetrics(context.metrics, context.log),
    };
    return serveWorker({
      context,
      bus,
      consumers: [
        { inbox: inboxes.streamingAuditor, handler: (delivery) => handleWatch(watching, delivery) },
        {
          inbox: inboxes.sampleSources,
          handler: (delivery) => lookAtSources(looking, delivery),
          // Each watch waits here between its looks, so as many have to fit as patches are watched.
          batch: mostWatched,
          concurrency: mostWatched,
          maxDeliveries: untilDone,
        },
      ],
    });
  },
});
