import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { openDrillQueue, openDurableBus, openSpendLedger } from "@council/bus";
import { consoleFolder } from "@council/console";
import { openForges } from "@council/forge";
import { openMirrors } from "@council/git";
import {
  loadRepositories,
  type Log,
  RuntimeError,
  runService,
  spendAlerts,
  spendRules,
} from "@council/runtime";
import type { FastifyInstance } from "fastify";
import { boundedBus } from "./bounded-bus.ts";
import { settings } from "./config.ts";
import { buildGateway } from "./gateway.ts";
import { gatewayMetrics, inboxNames } from "./gateway-metrics.ts";
import { drillBook, drillGauge } from "./drill-routes.ts";
import { guardRepositories } from "./guarded-repositories.ts";
import { LedgerFeed } from "./ledger-feed.ts";
import { loadOperators } from "./load-operators.ts";
import { accessOf } from "./operator-token.ts";
import { routeNames } from "./route-names.ts";
import { spendGauges } from "./spend-gauges.ts";
import { pollForges } from "./poll-forges.ts";
import { paidHeads } from "./spend-routes.ts";
import { showSettings } from "./show-settings.ts";
import { senderLimit } from "./sender-limit.ts";
import { readSenderSecrets } from "./sender-secrets.ts";

await runService({
  name: "gateway",
  settings,
  start: async (context) => {
    const { log, metrics, settings: values } = context;
    const loaded = await loadRepositories(values.repositories);
    const repositories = guardRepositories(loaded, values);
    const secrets = readSenderSecrets(values.webhookSecrets);
    if (secrets.size === 0) log.warn("COUNCIL_WEBHOOK_SECRETS is empty: nobody can submit patches");
    const onError = (err: Error) => log.warn({ err }, "redis link");
    const opened = await openDurableBus({ ...values, name: context.name, onError });
    if (opened.kind === "refused") throw new RuntimeError("configuration-refused", opened.reason);
    const { bus } = opened;
    const call = boundedBus(bus);
    const feed = await LedgerFeed.open(bus, (err) => log.error({ err }, "the feed broke off"));
    const rules = { ...spendRules(values), onAlert: spendAlerts(metrics, log) };
    const spending = openSpendLedger({ ...values, ...rules, name: context.name, onError });
    const drills = drillBook(values);
    const drillQueue = openDrillQueue({ ...values, prefix: values.keyPrefix, onError });
    const mirrors = openMirrors(loaded, join(values.dataDir, context.name));
    const forges = openForges(loaded);
    const app = await buildGateway({
      call,
      spending,
      drills,
      drillQueue,
      partitions: bus.partitions,
      repositories,
      mirrors,
      forges,
      secrets,
      githubSecret: values.githubWebhookSecret,
      giteaSecret: values.giteaWebhookSecret,
      gitlabSecret: values.gitlabWebhookSecret,
      access: accessOf({ ...values, operators: await loadOperators(values) }),
      otlpToken: values.otlpToken,
      limit: senderLimit({ ...rateOf(values), clock: Date.now }),
      feed,
      metrics: gatewayMetrics(metrics, {
        call,
        routes: routeNames,
        inboxes: inboxNames(repositories),
        refreshDrills: drillGauge(metrics, { drills, repositories, clock: Date.now }),
        refreshSpending: spendGauges(metrics, spending, paidHeads({ repositories })),
      }),
      log,
      clock: Date.now,
      pageFolder: consoleFolder,
      shownSettings: showSettings(settings, context.provenance),
    });
    await listen(app, values, log);
    const { forgeLookBackMs: lookBackMs, forgePollMs: everyMs } = values;
    const looking = { call, repositories, mirrors, forges, clock: Date.now, lookBackMs };
    const polling = pollForges(looking, { everyMs, stopping: context.stopping, log });
    return {
      stop: async () => {
        await polling;
        await app.close();
        await feed.close();
        await Promise.all([bus.close(), spending.close(), drillQueue.close()]);
      },
    };
  },
});

/** A declaration: the service starts above, before a constant down here has its value. */
function rateOf(values: { readonly ratePerSecond: number; readonly rateBurst: number }) {
  return { perSecond: values.ratePerSecond, burst: values.rateBurst };
}

async function listen(
  app: FastifyInstance,
  { httpHost: host, httpPort: port }: { readonly httpHost: string; readonly httpPort: number },
  log: Log,
): Promise<void> {
  await app.listen({ host, port }).catch((error: unknown) => {
    throw new RuntimeError("listen-failed", `cannot listen on ${host}:${port}`, error);
  });
  const { port: boundPort } = app.server.address() as AddressInfo;
  log.info({ host, port: boundPort }, "the gateway listens");
}
