import { join } from "node:path";
import { openDurableBus } from "@council/bus";
import { inboxes } from "@council/contracts";
import { defaultPolicy } from "@council/domain";
import { openMirrors } from "@council/git";
import { loadRepositories, RuntimeError, runService, serveWorker } from "@council/runtime";
import { comparePatch, type Comparing } from "./compare-patch.ts";
import { openComparePool } from "./compare-pool.ts";
import { settings } from "./config.ts";

await runService({
  name: "diff-engine",
  settings,
  start: async (context) => {
    const { dataDir, compareTimeoutMs: timeoutMs, compareWorkers: workers } = context.settings;
    const onError = (err: Error) => context.log.warn({ err }, "redis link");
    const repositories = await loadRepositories(context.settings.repositories);
    const opened = await openDurableBus({ ...context.settings, name: context.name, onError });
    if (opened.kind === "refused") throw new RuntimeError("configuration-refused", opened.reason);
    const pool = openComparePool({ workers, timeoutMs });
    const comparing: Comparing = {
      bus: opened.bus,
      mirrors: openMirrors(repositories, join(dataDir, context.name)),
      pool,
      thresholdRatio: defaultPolicy.varianceLimit,
    };
    return serveWorker({
      context,
      bus: opened.bus,
      consumers: [
        {
          inbox: inboxes.diffEngine,
          handler: (delivery) => comparePatch(comparing, delivery),
          // The time a comparison may take includes its wait for a worker, so none is to wait long.
          concurrency: workers + 1,
        },
      ],
      closing: pool.close,
    });
  },
});
