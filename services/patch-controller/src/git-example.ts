/** Examples for the tests of what the controller does to repositories: a real remote and its mirrors. */
import { memoryBus, type MemoryBus, type Outcome } from "@council/bus";
import { controlSubject, patchCommandSchema } from "@council/contracts";
import type { Candidate, LandingOutcome, RevertOutcome } from "@council/domain";
import { candidateDigest, sha256Hex } from "@council/evidence";
import { applyDiff, diffBytes, fetchBranches, type Mirror } from "@council/git";
import { testRemote, type TestRemote } from "@council/git/testing";
import { deliveryOf, messageOf, partition, patchId } from "./example.ts";
import type { CheckTree } from "./check-revert.ts";
import type { GitPerforming } from "./land-patch.ts";
import { performGit } from "./perform-git.ts";
import type { SteerTraffic } from "./traffic/steer-traffic.ts";

const brief = {
  id: patchId,
  repository: "shop",
  targetBranch: "main",
  title: "An example",
  author: "ann",
};

/** One repository for the tests of a file; each test has branches of its own in it. */
export interface Site {
  readonly remote: TestRemote;
  readonly mirror: Mirror;
  readonly candidate: Candidate;
  readonly diff: Buffer;
}

export interface Place extends Site {
  readonly bus: MemoryBus;
  readonly git: GitPerforming;
  /** The branches of this test; the first stands where the candidate begins, the others are not there. */
  readonly target: string;
  readonly canary: string;
  readonly beta: string;
}

export async function openSite(): Promise<Site> {
  const remote = await testRemote({ "a.txt": "one\n", "b.txt": "b\n" });
  const mirror = await remote.mirror();
  const base = (await remote.head()) ?? "";
  await remote.setBranch("work", base);
  const work = await remote.commit({ branch: "work", files: { "a.txt": "one\ntwo\n" } });
  await fetchBranches(mirror);
  const diff = await diffBytes(mirror, base, work);
  const applied = await applyDiff(mirror, { base, diff });
  if (applied.kind === "refused") throw new Error(applied.reason);
  const digests = { base, tree: applied.tree, diff: sha256Hex(diff) };
  const digest = candidateDigest(digests);
  const risk = { semanticDigest: digest, tier: "service", riskTags: [], paths: [] } as const;
  return { remote, mirror, diff, candidate: { ...digests, digest, ...risk } };
}

let count = 0;
/** Fresh branches, and a bus that holds the candidate's diff. */
export async function placeOf(site: Site): Promise<Place> {
  const { remote, mirror, candidate, diff } = site;
  count += 1;
  const target = `main-${count}`;
  await remote.setBranch(target, candidate.base);
  const bus = memoryBus();
  await storeDiff(bus, diff, candidate.diff);
  const names = { target, canary: `canary-${count}`, beta: `beta-${count}` };
  return { ...site, bus, git: gitOf(bus, mirror), ...names };
}

export async function storeDiff(bus: MemoryBus, bytes: Buffer, digest: string): Promise<void> {
  await bus.ingest(partition, {
    id: digest,
    keys: [{ key: digest }],
    messages: [],
    blobs: [{ digest, bytes }],
  });
}

/** Another process that performs for the same Council. */
export function gitOf(
  bus: MemoryBus,
  mirror: Mirror,
  steer?: SteerTraffic,
  checkTree: CheckTree = () => Promise.resolve({ kind: "passed" }),
): GitPerforming {
  const identity = { name: "Council", email: "council@localhost" };
  return {
    bus,
    mirrors: () => Promise.resolve(mirror),
    identity,
    forges: () => undefined,
    checkTree,
    trafficOf: () => steer,
  };
}

export const landOf = ({ candidate, target }: Place, changes: object = {}) => ({
  type: "land",
  effectId: `${patchId}.4.target`,
  token: 1,
  stage: "target",
  branch: target,
  candidate,
  earlierBranches: [],
  lane: target,
  ...changes,
});
export const onCanary = ({ canary, target }: Place) => ({
  stage: "canary",
  branch: canary,
  levelWith: target,
  effectId: `${patchId}.4.canary`,
});

function answered(outcome: Outcome) {
  const [answer] = outcome.messages ?? [];
  // Whatever git says must be something the patch can take, or it would wait for ever.
  return patchCommandSchema.parse(answer?.message.body) as unknown as { outcome: unknown };
}

export async function land(
  git: GitPerforming,
  { lane, ...effect }: { type: string; lane: string },
  more: object = {},
): Promise<LandingOutcome> {
  const body = { patch: { ...brief, targetBranch: lane, ...more }, effect };
  const message = messageOf({ type: effect.type }, { body });
  return answered(await performGit(git, deliveryOf(message))).outcome as LandingOutcome;
}

export async function revert(git: GitPerforming, effect: object): Promise<RevertOutcome> {
  const body = {
    patch: brief,
    effect: { type: "revert", effectId: `${patchId}.6.revert`, reason: "worse", ...effect },
  };
  const message = messageOf({ type: "revert" }, { body });
  return answered(await performGit(git, deliveryOf(message))).outcome as RevertOutcome;
}

/** Landings are paused, as by an operator. */
export const pause = (bus: MemoryBus): Promise<void> =>
  putState(bus, { partition: 0, subject: controlSubject }, { isPaused: true });

/** Stores a state as a handler's commit would. */
export async function putState(
  bus: MemoryBus,
  at: { readonly partition: number; readonly subject: string },
  state: unknown,
): Promise<void> {
  const { partition: place, subject } = at;
  const value = JSON.stringify(state);
  const done = Promise.withResolvers<void>();
  const consumer = bus.consume({
    inbox: "w",
    blockMs: 20,
    handler: () => Promise.resolve({ state: { subject, expectedVersion: 0, value } }),
    onOutcome: () => done.resolve(),
  });
  await bus.send(place, messageOf({ type: "x" }), "w", `put-${subject}`);
  await done.promise;
  await consumer.stop();
}
