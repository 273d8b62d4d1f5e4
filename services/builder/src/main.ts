import { join } from "node:path";
import { openDurableBus } from "@council/bus";
import { inboxes } from "@council/contracts";
import { openMirrors } from "@council/git";
import { loadRepositories, RuntimeError, runService, serveWorker } from "@council/runtime";
import { chooseProvider } from "./choose-provider.ts";
import { settings } from "./config.ts";
import { type Rendering, renderTask } from "./render-task.ts";

await runService({
  name: "builder",
  settings,
  start: async (context) => {
    const { slot, timeoutMs, dataDir } = context.settings;
    const name = `builder-${slot}`;
    const onError = (err: Error) => context.log.warn({ err }, "redis link");
    const repositories = await loadRepositories(context.settings.repositories);
    const provider = await chooseProvider(context.settings);
    const opened = await openDurableBus({ ...context.settings, name, onError });
    if (opened.kind === "refused") throw new RuntimeError("configuration-refused", opened.reason);
    const mirrors = openMirrors(repositories, join(dataDir, name));
    const rendering: Rendering = { slot, provider, mirrors, timeoutMs };
    return serveWorker({
      context,
      bus: opened.bus,
      consumers: [
        {
          inbox: inboxes.builder(slot),
          handler: (delivery, signal) => renderTask(rendering, delivery, signal),
          concurrency: 4,
        },
      ],
    });
  },
});
