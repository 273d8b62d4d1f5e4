/**
 * A campaign against a running Council: patches in several repositories at once, while its processes
 * are killed or stopped at the steps of their lives. What came of it is judged afterwards from the
 * ledger and the repositories alone.
 */
import { mkdtempSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startWorld, type World } from "../e2e/council-world.ts";
import { type FeedClient, openFeedClient } from "../e2e/feed-client.ts";
import { watchBranches } from "./branch-watch.ts";
import { seeded } from "./seeded.ts";
import { everyStrike, type Strike, startStriking } from "./strikes.ts";
import { type Aftermath, verifyAftermath } from "./verify-aftermath.ts";
import { startWorkload } from "./workload.ts";

export interface CampaignOptions {
  /** Everything that is left to chance follows from it. */
  readonly seed: number;
  readonly how: Strike["how"];
  /** Which processes are struck; absent: all. */
  readonly targets?: readonly string[];
  /** At most so many strikes; absent: every target at every step. */
  readonly strikes?: number;
  readonly repositories: number;
  readonly atOnce: number;
  /** At least so many patches per repository. */
  readonly atLeast: number;
  /** No new patch is begun after so long, even if strikes are left. */
  readonly durationMs: number;
  readonly say?: (line: string) => void;
}

export interface Campaign extends Aftermath {
  readonly seed: number;
  readonly done: readonly Strike[];
  readonly left: readonly Strike[];
  readonly tookMs: number;
}

const claimIdleMs = 600;
/** What is stopped is taken for dead after the claim has been idle; twice that, and it wakes up. */
const pauseMs = 2 * claimIdleMs;
const restMs = 180_000;
const watches = {
  stages: [
    { name: "canary", branch: "council/canary", watchMinMs: 100, watchMaxMs: 4000 },
    { name: "target", watchMinMs: 100, watchMaxMs: 4000 },
  ],
  maxExtensions: 1,
  maxRebases: 50,
};
const heads = ["auditor-rules", "auditor-proof", "auditor-contract"];
const workers = ["builder-a", "builder-b", "diff-engine", ...heads];

/** Every process once, and of those that are to be stopped and overtaken a second one. */
function targetsOf(how: Strike["how"]): { targets: string[]; replicas: Record<string, number> } {
  if (how === "kill")
    return {
      targets: ["gateway", ...workers, "patch-controller", "streaming-auditor", "redis"],
      replicas: {},
    };
  const doubled = ["patch-controller", "streaming-auditor", ...heads];
  return { targets: doubled, replicas: Object.fromEntries(doubled.map((name) => [name, 2])) };
}

export async function runCampaign(options: CampaignOptions): Promise<Campaign> {
  const { seed, how, say = () => {} } = options;
  const startedAt = Date.now();
  const chance = seeded(seed);
  const { replicas, ...all } = targetsOf(how);
  const targets = all.targets.filter((name) => options.targets?.includes(name) ?? true);
  const dir = mkdtempSync(join(tmpdir(), "council-chaos-"));
  const recordings = join(dir, "recordings");
  const repositories = Array.from({ length: options.repositories }, (_, at) => `repository-${at}`);
  const world = await startWorld({
    dir,
    ownRedis: true,
    repositories: Object.fromEntries(repositories.map((id) => [id, watches])),
    builders: (["a", "b"] as const).map((slot) => {
      return { slot, provider: "recorded" as const, family: `family-${slot}`, recordings };
    }),
    replicas,
    env: { COUNCIL_CLAIM_IDLE: `${claimIdleMs}ms`, COUNCIL_SENDER_BURST: "100000" },
  });
  let outcome: Omit<Campaign, "seed" | "tookMs">;
  try {
    outcome = await strikeAndVerify({ options, world, chance, targets, recordings, repositories });
  } catch (error) {
    const kept = await whatIsThere(world);
    await world.stop();
    throw new Error(`seed ${seed}: ${String(error)}\n${kept}`, { cause: error });
  }
  // A killed process cannot clear up; what it left lies in the world's own folder and goes with it.
  const left = (await world.stop()).filter((line) => !line.startsWith("left in the temporary"));
  const faults = [...outcome.faults, ...left];
  say(`seed ${seed}: ${outcome.done.length} strikes, ${outcome.patches} patches`);
  return { ...outcome, faults, seed, tookMs: Date.now() - startedAt };
}

async function strikeAndVerify(input: {
  readonly options: CampaignOptions;
  readonly world: World;
  readonly chance: ReturnType<typeof seeded>;
  readonly targets: readonly string[];
  readonly recordings: string;
  readonly repositories: readonly string[];
}): Promise<Omit<Campaign, "seed" | "tookMs">> {
  const { options, world, chance, targets, recordings, repositories } = input;
  const { how, say = () => {} } = options;
  const strikes = everyStrike(targets, how, chance.fork("strikes")).slice(0, options.strikes);
  const striking = startStriking({
    strikes,
    stack: world.stack,
    killRedis: world.killRedis,
    chance: chance.fork("delays"),
    gapMs: how === "kill" ? 400 : 100,
    pauseMs,
    onStrike: ({ target, on }) => say(`${how} ${target} at ${on}`),
  });
  world.book.onEntry(({ event }) => striking.take(event.type));
  // A push of Council's own: other people's are no step of a patch.
  const isLanding = () =>
    world.book.patchIds().some((id) => world.book.of(id).at(-1)?.event.type === "LandingStarted");
  const remotes = repositories.map(world.remote);
  const branches = watchBranches(remotes, ["council/canary", "main"], () => {
    if (isLanding()) striking.take("branch-moved");
  });
  const feed = await openFeedClient(world.stack);
  const workload = startWorkload({
    world,
    repositories,
    recordings,
    restMs,
    chance: chance.fork("work"),
    atOnce: options.atOnce,
    atLeast: options.atLeast,
  });
  const deadline = Date.now() + options.durationMs;
  while (striking.left().length > 0 && Date.now() < deadline) await pause(100);
  await workload.finish();
  branches.stop();
  await striking.stop();
  const aftermath = await verifyAftermath(world, workload, repositories);
  const faults = [...aftermath.faults, ...(await liveFeedFaults(world, feed))];
  await feed.close();
  return { ...aftermath, faults, done: striking.done(), left: striking.left() };
}

/** What a client of the live feed missed or was told twice, at the latest 20 s after the end. */
async function liveFeedFaults({ book }: World, feed: FeedClient): Promise<string[]> {
  const differing = () =>
    book.patchIds().filter((id) => {
      const digests = book.of(id).map(({ digest }) => digest);
      return JSON.stringify(digests) !== JSON.stringify(feed.told(id));
    });
  const deadline = Date.now() + 20_000;
  while (differing().length > 0 && Date.now() < deadline) await pause(100);
  return differing().map((id) => `the live feed told something else about ${id}`);
}

/** What waits, what was given up, and the last words of every process: where to look for the reason. */
async function whatIsThere({ stack, bus }: World): Promise<string> {
  const waiting = (await bus.depth()).filter(({ length }) => length > 0);
  const dead = (await bus.deadLetters()).map(({ inbox, error }) => `${inbox}: ${error}`);
  const tails = stack.processes().map(async ({ name, logFile }) => {
    const text = await readFile(logFile, "utf8").catch(() => "");
    const loud = text
      .split("\n")
      .filter((line) => /"level":"?(warn|error|fatal|[456]0)/.test(line));
    return `${name}:\n${loud.slice(-5).join("\n").slice(0, 4000)}`;
  });
  const lines = [`waiting: ${JSON.stringify(waiting)}`, `given up: ${dead.join("; ")}`];
  return [...lines, ...(await Promise.all(tails))].join("\n");
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
