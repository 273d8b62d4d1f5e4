import { openDurableBus } from "@council/bus";
import { inboxes } from "@council/contracts";
import { conclude, observe } from "@council/domain";
import { RuntimeError, runService, serveWorker } from "@council/runtime";
import { settings } from "./config.ts";
import { handleWatch, type Watching } from "./handle-watch.ts";
import { watchMetrics } from "./watch-metrics.ts";

await runService({
  name: "streaming-auditor",
  settings,
  start: async (context) => {
    const onError = (err: Error) => context.log.warn({ err }, "redis link");
    const opened = await openDurableBus({ ...context.settings, name: context.name, onError });
    if (opened.kind === "refused") throw new RuntimeError("configuration-refused", opened.reason);
    const { bus } = opened;
    const watching: Watching = {
      bus,
      observer: { observe, conclude },
      clock: Date.now,
      ...watchMetrics(context.metrics),
    };
    return serveWorker({
      context,
      bus,
      consumers: [
        { inbox: inboxes.streamingAuditor, handler: (delivery) => handleWatch(watching, delivery) },
      ],
    });
  },
});
