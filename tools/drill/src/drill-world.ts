/**
 * A Council of its own for the drills: its Redis, its services, a clone of the repository for every
 * drilled patch. Nothing it does is seen by the Council that guards the real branches, so no drill can
 * enter its ledger, spending or statistics.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { followEvents } from "@council/demo/product";
import type { GatewayClient, Stack } from "@council/demo/stack";
import { gatewayClient, startStack } from "@council/demo/stack";
import type { FreezeWindow, Policy, Rule } from "@council/domain";
import {
  ensureBubblewrap,
  ensureRedisProgram,
  startPrivateRedis,
} from "@council/scripts/private-tools.ts";
import type { Fault } from "./fault.ts";
import { type PatchLedger, patchLedger } from "./patch-ledger.ts";
import { canaryBranch, type Clone, cloneTarget, type Target } from "./target.ts";
import { startTelemetryFeed, type TelemetryFeed } from "./telemetry-feed.ts";

/** One fault to be drilled once. */
export interface Turn {
  readonly id: string;
  readonly fault: Fault;
  readonly repeat: number;
}

export interface DrillWorld {
  readonly target: Target;
  readonly stack: Stack;
  readonly client: GatewayClient;
  readonly ledger: PatchLedger;
  readonly feed: TelemetryFeed;
  readonly cloneOf: (turn: Turn) => Clone;
}

export interface WorldOptions {
  readonly dir: string;
  readonly target: Target;
  readonly turns: readonly Turn[];
  readonly rules: readonly Rule[];
  readonly say: (text: string) => void;
  /** Receives whatever must be ended. */
  readonly resources: AsyncDisposableStack;
}

const watchMinMs = 1500;
/** What must be held for want of evidence need not be waited for any longer. */
const heldAfterMs = 5000;
const longestWatchMs = 45_000;

/** Starts everything; rejects with a sentence for people when a part is missing or does not come up. */
export async function startDrillWorld(options: WorldOptions): Promise<DrillWorld> {
  const { dir, target, turns, say, resources } = options;
  const [server, sandbox] = await Promise.all([
    ensureRedisProgram({ say }),
    ensureBubblewrap({ say }),
  ]);
  for (const tool of [server, sandbox])
    if (tool.kind === "unavailable") throw new Error([tool.reason, ...tool.remedies].join("; "));
  if (server.kind !== "binary" || sandbox.kind !== "binary") throw new Error("no tools");
  const clones = new Map<string, Clone>();
  for (const { id } of turns) clones.set(id, await cloneTarget(target, join(dir, "clones"), id));
  const redis = await startPrivateRedis({ server, dir: join(dir, "redis") });
  resources.defer(() => redis.stop());
  const stack = await startStack({
    dir: join(dir, "council"),
    redisUrl: redis.url,
    repositoriesYaml: repositoriesFile(options, clones),
    env: {
      COUNCIL_BWRAP: sandbox.path,
      COUNCIL_KEY_PREFIX: `drill-${randomBytes(4).toString("hex")}`,
      COUNCIL_PARTITIONS: "4",
      COUNCIL_SENDER_RATE: "10000",
      COUNCIL_SENDER_BURST: "100000",
      // What a killed process had claimed is taken over soon.
      COUNCIL_CLAIM_IDLE: "2s",
    },
  });
  resources.defer(() => stack.stop());
  say(`${stack.processes().length} services and ${clones.size} clones are ready`);
  const client = gatewayClient({ url: stack.url, ...stack.secrets });
  const ledger = patchLedger();
  await follow(stack, ledger, resources);
  const feed = startTelemetryFeed(client);
  resources.defer(() => feed.stop());
  const cloneOf = ({ id }: Turn) => {
    const clone = clones.get(id);
    if (clone === undefined) throw new Error(`there is no clone for ${id}`);
    return clone;
  };
  return { target, stack, client, ledger, feed, cloneOf };
}

/** Resolves when the feed is open, so that nothing of the first patch is missed. */
async function follow(
  stack: Stack,
  ledger: PatchLedger,
  resources: AsyncDisposableStack,
): Promise<void> {
  const opened = Promise.withResolvers<void>();
  const closing = new AbortController();
  const following = followEvents({
    url: stack.url,
    token: stack.secrets.operatorToken,
    signal: closing.signal,
    onEntry: ledger.take,
    onOpen: opened.resolve,
  });
  resources.defer(async () => {
    closing.abort();
    await following;
  });
  await Promise.race([opened.promise, following]);
}

/** The rules in force, which pass a stage only on `evidence` samples of each arm. */
export function drilledRules(rules: readonly Rule[], evidence: number): readonly Rule[] {
  return rules.map((rule) =>
    rule.kind === "sequential" || rule.kind === "sequential-limit"
      ? { ...rule, minSamples: Math.max(rule.minSamples, evidence) }
      : rule,
  );
}

/** From yesterday to tomorrow, in UTC. */
function freezeNow(now: number): FreezeWindow {
  const day = 86_400_000;
  const [from = "", to = ""] = [now - day, now + day].map((at) =>
    new Date(at).toISOString().slice(0, 16),
  );
  return { kind: "dated", from, to, timeZone: "UTC", reason: "a drill" };
}

function repositoriesFile(
  { target, turns, rules }: WorldOptions,
  clones: ReadonlyMap<string, Clone>,
): string {
  const now = Date.now();
  const repositories = turns.map(({ id, fault }) => {
    const watchMaxMs = fault.expected.kind === "held" ? heldAfterMs : longestWatchMs;
    const policy: Partial<Policy> = {
      rules: drilledRules(rules, fault.evidence),
      stages: [
        { name: "canary", branch: canaryBranch, watchMinMs, watchMaxMs },
        { name: "target", watchMinMs, watchMaxMs },
      ],
      maxExtensions: 0,
      // A clone serves its new head at once.
      recoveryDelayMs: 0,
      recoveryTimeoutMs: longestWatchMs,
      ...(fault.disturbance?.kind === "frozen" ? { freezes: [freezeNow(now)] } : {}),
    };
    return {
      id,
      remote: clones.get(id)?.gitDir,
      targetBranch: target.branch,
      ...(target.testCommand ? { testCommand: target.testCommand, testTimeoutMs: 60_000 } : {}),
      policy,
    };
  });
  return `${JSON.stringify({ repositories }, undefined, 2)}\n`;
}
