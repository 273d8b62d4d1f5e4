/** One fault on one patch: landed for real, struck at a moment nobody is told, judged by how it ends. */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { LedgerEntry } from "@council/contracts";
import { trailers } from "@council/contracts";
import { runGit } from "@council/demo/product";
import type { DrillWorld, Turn } from "./drill-world.ts";
import { disturb } from "./disturb.ts";
import type { DrillRun } from "@council/contracts";
import { awaitsRecovery, deviationsOf, isRest, readStory } from "./read-story.ts";
import { canaryBranch, type Clone, treeOf } from "./target.ts";

const landMs = 180_000;
const restMs = 180_000;
const recoveryMs = 90_000;
const cleanMs = 120_000;
/** A fault begins at any moment of this long after the watch has, while too little is known to pass it. */
const latestStrikeMs = 500;
const by = { actor: "drill", reason: "the drill is over" };

/** Resolves to what happened, whatever it was; rejects only when Council cannot be asked at all. */
export async function drillFault(
  world: DrillWorld,
  turn: Turn,
  random: () => number,
): Promise<DrillRun> {
  const { ledger, feed } = world;
  const { fault, id, repeat } = turn;
  const stage = fault.stage ?? (random() < 0.5 ? "canary" : "target");
  const strikeAfterMs = Math.round(random() * latestStrikeMs);
  const submittedAt = Date.now();
  const patchIds = await submit(world, turn);
  const [patchId = ""] = patchIds;
  const struckAt = await suffer(world, turn, { patchId, stage, strikeAfterMs, random });
  const entries = ledger.of(patchId);
  const refusedDeliveries = feed.refused(patchId);
  const story = readStory(entries, struckAt);
  const clone = world.cloneOf(turn);
  const twice = await doneTwice(clone, patchId, patchIds);
  const isClean = await cleanUp(world, clone, patchId);
  const isMissing = struckAt === undefined && fault.name !== "placebo";
  const deviations = [
    ...deviationsOf(fault, story, entries),
    ...twice,
    ...(isMissing ? ["the fault never came to be: the patch ended before"] : []),
    ...(isClean ? [] : ["the clone is not as it was before"]),
  ];
  return {
    id,
    fault: fault.name,
    repeat,
    patchId,
    stage,
    submittedAt,
    ...(struckAt === undefined ? {} : { struckAt }),
    ...story,
    ...(refusedDeliveries > 0 ? { refusedDeliveries } : {}),
    isClean,
    deviations,
  };
}

/** The patch lives with its fault until it rests, and recovers; when the fault began, if it did. */
async function suffer(
  world: DrillWorld,
  turn: Turn,
  about: {
    readonly patchId: string;
    readonly stage: string;
    readonly strikeAfterMs: number;
    readonly random: () => number;
  },
): Promise<number | undefined> {
  const { ledger, feed } = world;
  const { fault } = turn;
  const { patchId, stage, strikeAfterMs, random } = about;
  let struckAt: number | undefined;
  const isStruck = () => struckAt !== undefined && isOn(ledger.of(patchId));
  const disturbing = disturb(world, { fault, patchId, clone: world.cloneOf(turn) });
  const stopFeeding = feedWatches(world, patchId, () =>
    feed.watch({ patchId, fault, random, isStruck }),
  );
  const isWatch = ({ event }: LedgerEntry) =>
    event.type === "WatchStarted" && event.stage === stage;
  try {
    const begun = await ledger.until(patchId, (entry) => isWatch(entry) || isRest(entry), landMs);
    if (begun && isWatch(begun)) {
      await delay(strikeAfterMs);
      await disturbing.strike();
      struckAt = Date.now();
    }
    await ledger.until(patchId, isRest, restMs);
    if (awaitsRecovery(ledger.of(patchId)))
      await ledger.until(patchId, ({ event }) => event.type === "RecoveryJudged", recoveryMs);
    return struckAt;
  } finally {
    stopFeeding();
    await disturbing.stop();
  }
}

async function submit({ client, target }: DrillWorld, { id, fault }: Turn): Promise<string[]> {
  const { base, diff, title, branch: targetBranch } = target;
  const submission = { repository: id, targetBranch, base, diff, title, author: "drill" };
  const paths = [...diff.matchAll(/^(?:\+\+\+ b|--- a)\/(.+)$/gm)].map(([, path = ""]) => path);
  const sheet = { paths: [...new Set(paths)] };
  const webhookId = randomUUID();
  const ids: string[] = [];
  const deliveries = fault.disturbance?.kind === "duplicates" ? 3 : 1;
  for (let sent = 0; sent < deliveries; sent += 1) {
    const { status, body } = await client.submit({ ...submission, sheet }, webhookId);
    if (status !== 202 || typeof body !== "object" || body === null || !("id" in body))
      throw new Error(`the gateway answers ${status} to a drill: ${JSON.stringify(body)}`);
    ids.push(String(body.id));
  }
  return ids;
}

const beginTypes: ReadonlySet<string> = new Set(["WatchStarted", "Reverted"]);
const endTypes: ReadonlySet<string> = new Set([
  "StagePassed",
  "RevertStarted",
  "Held",
  "RecoveryJudged",
]);

/** A fault goes with the patch that has it. */
const isOn = (entries: readonly LedgerEntry[]) =>
  !entries.some(({ event }) => event.type === "Reverted");

/** Measures the patch while it is watched, and once more after it was taken back. */
function feedWatches({ ledger }: DrillWorld, patchId: string, begin: () => () => void) {
  let end: (() => void) | undefined;
  const take = ({ patchId: id, event }: LedgerEntry) => {
    if (id !== patchId) return;
    if (beginTypes.has(event.type)) end ??= begin();
    if (!endTypes.has(event.type)) return;
    end?.();
    end = undefined;
  };
  for (const entry of ledger.of(patchId)) take(entry);
  const stop = ledger.listen(take);
  return () => {
    stop();
    end?.();
  };
}

/** P1: one patch for many deliveries, one landing and one revert per branch. */
async function doneTwice(clone: Clone, patchId: string, ids: readonly string[]): Promise<string[]> {
  const faults = new Set(ids).size > 1 ? ["one delivery became several patches"] : [];
  const trailer = (key: string) => `%(trailers:key=${key},valueonly,separator=%x2C)`;
  const format = `--format=${trailer(trailers.patch)}%x09${trailer(trailers.reverts)}`;
  const refs = await runGit(clone.gitDir, ["for-each-ref", "--format=%(refname)", "refs/heads"]);
  for (const ref of refs.trim().split("\n")) {
    const log = (await runGit(clone.gitDir, ["log", "--first-parent", format, ref])).split("\n");
    const own = log.map((line) => line.split("\t")).filter(([patch]) => patch === patchId);
    const reverts = own.filter(([, reverted]) => reverted !== "").length;
    if (own.length - reverts > 1) faults.push(`landed ${own.length - reverts} times on ${ref}`);
    if (reverts > 1) faults.push(`reverted ${reverts} times on ${ref}`);
  }
  return faults;
}

/** Has Council take back what is left; true when every branch has the tree it had before. */
async function cleanUp(world: DrillWorld, clone: Clone, patchId: string): Promise<boolean> {
  const { ledger, client, target } = world;
  const isOver = ({ event }: LedgerEntry) => event.type === "Reverted";
  if (
    !ledger.of(patchId).some(isOver) &&
    ledger.of(patchId).some(({ event }) => event.type === "Landed")
  ) {
    await client.act(patchId, "rollback", by);
    await ledger.until(patchId, isOver, cleanMs);
  }
  const trees = [await treeOf(clone, target.branch), await treeOf(clone, canaryBranch)];
  return trees.every((tree, index) => tree === target.baseTree || (index === 1 && !tree));
}
