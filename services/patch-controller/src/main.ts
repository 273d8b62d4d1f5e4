import { join } from "node:path";
import {
  type Bus,
  type Delivery,
  openDeadlines,
  openDurableBus,
  openSpendLedger,
  type Outcome,
} from "@council/bus";
import {
  controlSubject,
  inboxes,
  isBaselineSubject,
  isLaneSubject,
  isRecordSubject,
} from "@council/contracts";
import { suspensionsOf } from "@council/domain";
import { openMirrors } from "@council/git";
import { findSandbox, type SandboxSearch } from "@council/providers";
import { type ForgeError, type Forges, openForges } from "@council/forge";
import {
  type Log,
  loadRepositories,
  RuntimeError,
  runService,
  serveWorker,
  spendAlerts,
  spendRules,
} from "@council/runtime";
import { armDeadline } from "./arm-deadline.ts";
import { treeChecker } from "./check-revert.ts";
import { settings } from "./config.ts";
import { handleControl, handleRecord } from "./control.ts";
import { controllerMetrics } from "./controller-metrics.ts";
import { freezeExemption } from "./forge/freeze-exemption.ts";
import { changeOf, reportPatch } from "./forge/report-patch.ts";
import { handleLane } from "./handle-lane.ts";
import { handlePatch, type PatchHandling } from "./handle-patch.ts";
import { loadHeadKeys } from "./head-keys.ts";
import type { GitPerforming } from "./land-patch.ts";
import { performGit } from "./perform-git.ts";
import { noticeChannels } from "./notices/notice-channels.ts";
import { noticeConsumers } from "./notices/send-notice.ts";
import { signingOf } from "./signing-key.ts";
import { setAccuracyBaseline } from "./set-accuracy-baseline.ts";
import { trafficOf } from "./traffic/steer-traffic.ts";

/** An effect outside Redis is tried for as long as it takes: giving up would leave a branch unfinished. */
const untilDone = (inbox: string, handler: (delivery: Delivery) => Promise<Outcome>) => ({
  inbox,
  handler,
  maxDeliveries: 100_000,
});

await runService({
  name: "patch-controller",
  settings,
  start: async (context) => {
    const { log, metrics } = context;
    const { redisUrl: url, keyPrefix: prefix, dataDir, gitName, gitEmail } = context.settings;
    const signing = await signingOf(context.settings.gitSigningKeyFile);
    const onError = (err: Error) => log.warn({ err }, "redis link");
    const repositories = await loadRepositories(context.settings.repositories);
    const channels = noticeChannels(context.settings);
    const headKeys = await loadHeadKeys(context.settings.keyringFile);
    const opened = await openDurableBus({ ...context.settings, name: context.name, onError });
    if (opened.kind === "refused") throw new RuntimeError("configuration-refused", opened.reason);
    const { bus } = opened;
    const deadlines = openDeadlines({ url, prefix, onError });
    const deadlineWorker = deadlines.startDeadlineWorker(bus);
    const forges = openForges(repositories);
    const git: GitPerforming = {
      bus,
      mirrors: openMirrors(repositories, join(dataDir, context.name), signing),
      forges,
      checkTree: treeChecker(repositories, sandboxOnce()),
      identity: { name: gitName, email: gitEmail },
      trafficOf: trafficOf(repositories, context.settings.trafficSecret),
    };
    const rules = { ...spendRules(context.settings), onAlert: spendAlerts(metrics, log) };
    const spending = openSpendLedger({
      ...context.settings,
      ...rules,
      name: context.name,
      onError,
    });
    const handling: PatchHandling = {
      bus,
      headKeys,
      readSuspensions: async (heads, needed, { id: patchId, repository, sender }) => {
        const status = await spending.status(heads, { patchId, repository, sender });
        return suspensionsOf(status, heads, needed);
      },
      clock: Date.now,
      isFreezeExempt: freezeExemption(forges, (patchId, err) =>
        log.warn({ patchId, err }, "the labels of a frozen change cannot be read"),
      ),
      isReported: (patch) => changeOf(forges, patch) !== undefined,
      ...controllerMetrics(metrics, log, [...headKeys.keys()]),
    };
    return serveWorker({
      context,
      bus,
      consumers: [
        { inbox: inboxes.patchController, handler: (delivery) => decide(handling, delivery) },
        untilDone(inboxes.git, (delivery) => performGit(git, delivery)),
        untilDone(inboxes.deadline, (delivery) => armDeadline(deadlines, delivery)),
        untilDone(inboxes.forge, reporter(bus, forges, log)),
        ...noticeConsumers({ log, metrics, channels, links: context.settings }),
      ],
      closing: async () => {
        await deadlineWorker.stop();
        await Promise.all([deadlines.close(), spending.close()]);
      },
    });
  },
});

/** Whose message it is: what concerns all of Council, a repository's record or baseline, a lane, or a patch. */
function decide(handling: PatchHandling, delivery: Delivery): Promise<Outcome> {
  const { subject } = delivery.message;
  if (subject === controlSubject) return handleControl(handling, delivery, Date.now());
  if (isRecordSubject(subject)) return handleRecord(handling, delivery, Date.now());
  if (isBaselineSubject(subject)) return setAccuracyBaseline(handling.bus, delivery, Date.now());
  return isLaneSubject(subject)
    ? handleLane(handling.bus, delivery, Date.now())
    : handlePatch(handling, delivery);
}

function reporter(bus: Bus, forges: Forges, log: Log): (delivery: Delivery) => Promise<Outcome> {
  const onRefused = (patchId: string, err: ForgeError) =>
    log.warn({ patchId, err }, "the forge does not take a report");
  return (delivery) => reportPatch({ bus, forges, onRefused }, delivery);
}

/** Looked for when it is first needed: most policies never ask for it. */
function sandboxOnce(): () => Promise<SandboxSearch> {
  let found: Promise<SandboxSearch> | undefined;
  return () => (found ??= findSandbox());
}
