import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openDurableBus } from "@council/bus";
import { inboxes } from "@council/contracts";
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
import { chooseHead } from "./choose-head.ts";
import { settings } from "./config.ts";
import type { OpenHead } from "./open-model-head.ts";

await runService({
  name: "auditor",
  settings,
  start: async (context) => {
    const { head: headName, headKeyFile, dataDir } = context.settings;
    const name = `auditor-${headName}`;
    const onError = (err: Error) => context.log.warn({ err }, "redis link");
    const repositories = await loadRepositories(context.settings.repositories);
    const privateKey = await readHeadKey(headKeyFile);
    const { head, checks, close } = await openHead(context, repositories);
    const opened = await openDurableBus({ ...context.settings, name, onError });
    if (opened.kind === "refused") throw new RuntimeError("configuration-refused", opened.reason);
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
      ],
    });
  },
});

async function openHead(
  context: ServiceContext<typeof settings>,
  repositories: Repositories,
): Promise<OpenHead> {
  const { head, headProvider } = context.settings;
  if (headProvider === undefined) return { head: await chooseHead(head, repositories) };
  // Vendors' SDKs are large: who asks no model does not load them.
  const { openModelHead } = await import("./open-model-head.ts");
  return await openModelHead(headProvider, context, repositories);
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
