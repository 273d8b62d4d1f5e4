import { join } from "node:path";
import { openDurableBus } from "@council/bus";
import { inboxes } from "@council/contracts";
import { openMirrors } from "@council/git";
import {
  loadRepositories,
  RuntimeError,
  runService,
  type ServiceContext,
  serveWorker,
} from "@council/runtime";
import { chooseProvider } from "./choose-provider.ts";
import { settings } from "./config.ts";
import type { OpenProvider } from "./open-model-provider.ts";
import { type Rendering, renderTask } from "./render-task.ts";

await runService({
  name: "builder",
  settings,
  start: async (context) => {
    const { slot, timeoutMs, dataDir } = context.settings;
    const name = `builder-${slot}`;
    const onError = (err: Error) => context.log.warn({ err }, "redis link");
    const repositories = await loadRepositories(context.settings.repositories);
    const { provider, checks, close } = await openProvider(context);
    const opened = await openDurableBus({ ...context.settings, name, onError });
    if (opened.kind === "refused") throw new RuntimeError("configuration-refused", opened.reason);
    const mirrors = openMirrors(repositories, join(dataDir, name));
    const rendering: Rendering = { slot, provider, mirrors, timeoutMs };
    return serveWorker({
      context,
      bus: opened.bus,
      ...(checks ? { checks } : {}),
      ...(close ? { closing: close } : {}),
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

async function openProvider(context: ServiceContext<typeof settings>): Promise<OpenProvider> {
  const { provider: chosen, ...values } = context.settings;
  if (chosen === "command" || chosen === "recorded")
    return { provider: await chooseProvider({ ...values, provider: chosen }) };
  // Vendors' SDKs are large: who asks no model does not load them.
  const { openModelProvider } = await import("./open-model-provider.ts");
  return await openModelProvider(chosen, context);
}
