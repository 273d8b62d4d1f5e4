import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Bus, type Delivery, openDurableBus } from "@council/bus";
import {
  baselineSubject,
  inboxes,
  inheritedMetrics,
  type StoredBaseline,
} from "@council/contracts";
import { ratioOf } from "@council/domain";
import { loadPrivateKey } from "@council/evidence";
import { openMirrors } from "@council/git";
import {
  loadRepositories,
  type Repositories,
  RuntimeError,
  runService,
  type ServiceContext,
  serveWorker,
} from "@council/runtime";
import { castVote, type Voting } from "./cast-vote.ts";
import { type Accuracy, chooseHead } from "./choose-head.ts";
import { settings } from "./config.ts";
import type { OpenHead } from "./open-model-head.ts";
import { testAhead } from "./test-ahead.ts";

await runService({
  name: "auditor",
  settings,
  start: async (context) => {
    const { head: headName, headKeyFile, dataDir } = context.settings;
    const name = `auditor-${headName}`;
    const onError = (err: Error) => context.log.warn({ err }, "redis link");
    const repositories = await loadRepositories(context.settings.repositories);
    const privateKey = await readHeadKey(headKeyFile);
    const bus = Promise.withResolvers<Bus>();
    const { head, checks, close } = await openHead(context, repositories, bus.promise);
    const opened = await openDurableBus({ ...context.settings, name, onError });
    if (opened.kind === "refused") throw new RuntimeError("configuration-refused", opened.reason);
    bus.resolve(opened.bus);
    const seconds = context.metrics.histogram({
      name: "council_vote_seconds",
      help: "From taking up a change to a signed vote, by head and verdict.",
      labels: { head: [headName], verdict: ["approve", "reject", "abstain"] },
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
    });
    const voting: Voting = {
      bus: opened.bus,
      mirrors: openMirrors(repositories, join(dataDir, name)),
      head,
      privateKey,
      onVote: ({ verdict }, took) => seconds.observe(took, { head: headName, verdict }),
    };
    const { lookAhead } = head;
    const looking = lookAhead && { bus: opened.bus, mirrors: voting.mirrors, lookAhead };
    return serveWorker({
      context,
      bus: opened.bus,
      ...(checks ? { checks } : {}),
      ...(close ? { closing: close } : {}),
      consumers: [
        {
          inbox: inboxes.auditor(headName),
          handler: (delivery, signal) => castVote(voting, delivery, signal),
          concurrency: 4,
        },
        // One at a time, beside the rounds that are due.
        ...(looking
          ? [
              {
                inbox: inboxes.ahead(headName),
                handler: (delivery: Delivery, signal: AbortSignal) =>
                  testAhead(looking, delivery, signal, Date.now()),
                concurrency: 1,
              },
            ]
          : []),
      ],
    });
  },
});

async function openHead(
  context: ServiceContext<typeof settings>,
  repositories: Repositories,
  bus: Promise<Bus>,
): Promise<OpenHead> {
  const { head, headProvider } = context.settings;
  if (headProvider === undefined)
    return { head: await chooseHead(head, repositories, accuracyOf(context, bus)) };
  // Vendors' SDKs are large: who asks no model does not load them.
  const { openModelHead } = await import("./open-model-head.ts");
  return await openModelHead(headProvider, context, repositories);
}

/** What benchmarks are held to: the floor of the settings, and the scores that operators approved. */
function accuracyOf(
  { settings: { accuracyThreshold: floor }, metrics }: ServiceContext<typeof settings>,
  connected: Promise<Bus>,
): Accuracy {
  let score: { readonly set: (ratio: number) => void } | undefined;
  return {
    floor,
    baselineOf: async (repository) => {
      const bus = await connected;
      const read = await bus.readState(bus.partitionOf(repository), baselineSubject(repository));
      return read && (JSON.parse(read.value) as StoredBaseline);
    },
    onBaseline: (baseline) => {
      // Where nothing is measured there is no score, rather than one of 0.
      score ??= metrics.gauge({
        name: inheritedMetrics.accuracyScore,
        help: "Share of right answers of the approved baseline a candidate was last compared with, 0 to 1.",
      });
      score.set(ratioOf(baseline.score));
    },
  };
}

async function readHeadKey(path: string) {
  const pem = await readFile(path, "utf8").catch(() => "");
  const loaded = loadPrivateKey(pem);
  if (loaded.kind === "loaded") return loaded.privateKey;
  throw new RuntimeError(
    "configuration-refused",
    `COUNCIL_HEAD_KEY_FILE: ${loaded.reason}; write a PKCS#8 PEM of an Ed25519 key`,
  );
}
