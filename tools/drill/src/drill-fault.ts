/** One fault on one patch: landed for real, struck at a moment nobody is told, judged by how it ends. */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { LedgerEntry } from "@council/contracts";
import { trailers } from "@council/contracts";
import { runGit } from "@council/demo/product";
import type { DrillWorld, Turn } from "./drill-world.ts";
import { disturb } from "./disturb.ts";
import type { Expected } from "./fault.ts";
import type { DrillRun } from "@council/contracts";
import { canaryBranch, type Clone, treeOf } from "./target.ts";

type EventOf<Type extends LedgerEntry["event"]["type"]> = Extract<
  LedgerEntry["event"],
  { type: Type }
>;

const landMs = 180_000;
const restMs = 180_000;
const cleanMs = 120_000;
/** A fault begins at any moment of this long after the watch has, while too little is known to pass it. */
const latestStrikeMs = 500;
const restTypes: ReadonlySet<string> = new Set([
  "Settled",
  "Reverted",
  "RevertBlocked",
  "Rejected",
  "Failed",
  "Held",
]);
const by = { actor: "drill", reason: "the drill is over" };

/** A pause ends by itself; whatever else holds a patch does not. */
function isRest({ event }: LedgerEntry): boolean {
  if (event.type === "Held" && event.reason.kind === "paused") return false;
  return restTypes.has(event.type);
}

/** Resolves to what happened, whatever it was; rejects only when Council cannot be asked at all. */
export async function drillFault(
  world: DrillWorld,
  turn: Turn,
  random: () => number,
): Promise<DrillRun> {
  const { ledger, feed } = world;
  const { fault } = turn;
  const stage = fault.stage ?? (random() < 0.5 ? "canary" : "target");
  const strikeAfterMs = Math.round(random() * latestStrikeMs);
  const submittedAt = Date.now();
  const patchIds = await submit(world, turn);
  const [patchId = ""] = patchIds;
  let struckAt: number | undefined;
  const clone = world.cloneOf(turn);
  const disturbing = disturb(world, { fault, patchId, clone });
  const stopFeeding = feedWatches(world, patchId, () =>
    feed.watch({ patchId, fault, random, isStruck: () => struckAt !== undefined }),
  );
  try {
    const isWatch = ({ event }: LedgerEntry) =>
      event.type === "WatchStarted" && event.stage === stage;
    const begun = await ledger.until(patchId, (entry) => isWatch(entry) || isRest(entry), landMs);
    if (begun && isWatch(begun)) {
      await delay(strikeAfterMs);
      await disturbing.strike();
      struckAt = Date.now();
    }
    await ledger.until(patchId, isRest, restMs);
  } finally {
    stopFeeding();
    await disturbing.stop();
  }
  const entries = ledger.of(patchId);
  const told = {
    ...readStory(entries, struckAt),
    ...(feed.refused(patchId) > 0 ? { refusedDeliveries: feed.refused(patchId) } : {}),
  };
  const twice = await doneTwice(clone, patchId, patchIds);
  const isClean = await cleanUp(world, clone, patchId);
  const deviations = [...deviationsOf(fault.expected, told), ...twice];
  if (struckAt === undefined && fault.name !== "placebo")
    deviations.push("the fault never came to be: the patch ended before");
  if (!isClean) deviations.push("the clone is not as it was before");
  return {
    id: turn.id,
    fault: fault.name,
    repeat: turn.repeat,
    patchId,
    stage,
    submittedAt,
    ...(struckAt === undefined ? {} : { struckAt }),
    ...told,
    isClean,
    deviations,
  };
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

/** Measures the patch while it is watched. */
function feedWatches({ ledger }: DrillWorld, patchId: string, begin: () => () => void) {
  let end: (() => void) | undefined;
  const take = ({ patchId: id, event }: LedgerEntry) => {
    if (id !== patchId) return;
    if (event.type === "WatchStarted") end ??= begin();
    if (event.type !== "StagePassed" && event.type !== "RevertStarted" && event.type !== "Held")
      return;
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

type Story = Pick<
  DrillRun,
  "ending" | "ruleId" | "metric" | "why" | "canarySamples" | "trail" | "detectionMs" | "recoveryMs"
> & { readonly revertStartedAt?: number; readonly restedAt?: number };

/** What the ledger says of the patch; times are those of its entries, milliseconds since the epoch. */
export function readStory(entries: readonly LedgerEntry[], struckAt: number | undefined): Story {
  const rest = entries.findLast(isRest);
  const started = entries.find(({ event }) => event.type === "RevertStarted");
  const ending = rest?.event.type.toLowerCase() ?? "unfinished";
  const story = { ending, ...(rest ? { restedAt: rest.at } : {}) };
  if (!started) return { ...story, ...whyHeld(rest) };
  const { cause } = started.event as EventOf<"RevertStarted">;
  const isOver = rest?.event.type === "Reverted";
  return {
    ...story,
    ...becauseOf(cause),
    revertStartedAt: started.at,
    ...(struckAt === undefined ? {} : { detectionMs: Math.max(0, started.at - struckAt) }),
    ...(isOver ? { recoveryMs: rest.at - started.at } : {}),
  };
}

function becauseOf(cause: EventOf<"RevertStarted">["cause"]) {
  if (cause.kind === "request") return { why: `${cause.actor} asked for it` };
  const { ruleId, why, readings, trail } = cause.observation;
  const reading = readings.find((each) => each.ruleId === ruleId);
  return {
    why,
    ...(trail ? { trail: trail.map(([ms, harm]): [number, number] => [ms, harm]) } : {}),
    ...(ruleId === undefined ? {} : { ruleId }),
    ...(reading ? { metric: reading.metric, canarySamples: reading.canarySamples } : {}),
  };
}

function whyHeld(rest: LedgerEntry | undefined): { why?: string } {
  if (rest?.event.type === "Rejected" || rest?.event.type === "Failed")
    return { why: rest.event.reason };
  if (rest?.event.type !== "Held") return {};
  const { reason } = rest.event;
  return { why: reason.kind === "inconclusive" ? reason.observation.why : reason.kind };
}

/** What differs from what was due, in words; empty when nothing does. */
export function deviationsOf(expected: Expected, story: Pick<Story, "ending" | "metric" | "why">) {
  const { ending, metric, why = "" } = story;
  const isDue =
    expected.kind === "stays"
      ? ending === "settled" || ending === "held"
      : ending === expected.kind;
  if (!isDue) return [`${ending} where ${expected.kind} was due ${why && `(${why})`}`.trim()];
  if (!("metrics" in expected) || expected.metrics.some((each) => each === metric)) return [];
  return [`taken back for ${metric ?? "another reason"}, not for ${expected.metrics.join(" or ")}`];
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
