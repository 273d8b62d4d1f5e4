/** Traffic beside real git: what is ordered when, and what a driver that fails may hold up. */
import type { Steered, TrafficOrder } from "@council/contracts";
import type { Landing } from "@council/domain";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import {
  gitOf,
  land,
  landOf,
  onCanary,
  openSite,
  type Place,
  placeOf,
  revert,
  type Site,
} from "../git-example.ts";

let site: Site;
let place: Place;
let orders: { weightPercent: number; sequence: number; head: string | undefined }[];
let answers: Steered[];
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.remote.remove());
beforeEach(async () => {
  place = await placeOf(site);
  [orders, answers] = [[], []];
});

/** Remembers each order and where the canary branch stood then. */
async function steer({ weightPercent, sequence }: TrafficOrder): Promise<Steered> {
  orders.push({ weightPercent, sequence, head: await place.remote.head(place.canary) });
  return answers.shift() ?? { kind: "steered" };
}
const git = () => gitOf(place.bus, place.mirror, steer);
const canaryHead = () => place.remote.head(place.canary);
const steppedUp = (standing: Landing) => ({
  ...onCanary(place),
  stage: "canary-25",
  effectId: "p03-abcdefgh.5.canary-25",
  token: 2,
  weightPercent: 25,
  standing,
});

async function landed(changes: object): Promise<Landing> {
  const { kind, ...landing } = (await land(git(), landOf(place, changes))) as Landing & {
    kind: string;
  };
  expect(kind).toBe("landed");
  return landing;
}

test("a stage gets its traffic once its commit is there, and the landing says how much", async () => {
  const landing = await landed({ ...onCanary(place), weightPercent: 5 });
  expect(landing.weightPercent).toBe(5);
  expect(orders).toEqual([{ weightPercent: 5, sequence: 2, head: landing.commit }]);
});

test("a landing whose traffic cannot be steered is tried again, and lands once (P1)", async () => {
  answers = [{ kind: "failed", reason: "no cluster" }];
  const effect = landOf(place, { ...onCanary(place), weightPercent: 5 });
  await expect(land(git(), effect)).rejects.toThrow("no cluster");
  const head = await canaryHead();
  const landing = await landed({ ...onCanary(place), weightPercent: 5 });
  expect([landing.commit, await canaryHead()]).toEqual([head, head]);
});

test("a stage on the same branch moves traffic only, and only while the branch stands as it was (P9)", async () => {
  const first = await landed({ ...onCanary(place), weightPercent: 5 });
  const second = await landed(steppedUp(first));
  expect(second).toEqual({ ...first, stage: "canary-25", weightPercent: 25 });
  expect(await canaryHead()).toBe(first.commit);
  expect(orders.map(({ sequence }) => sequence)).toEqual([2, 4]);
  await place.remote.commit({ branch: place.canary, files: { "c.txt": "by hand\n" } });
  const refused = await land(git(), landOf(place, { ...steppedUp(first), effectId: "e3" }));
  expect(refused).toMatchObject({
    kind: "refused",
    reason: expect.stringContaining("no longer stands") as string,
  });
  expect(orders).toHaveLength(2);
});

test("P6: a stage on the same branch looks at the base again", async () => {
  const first = await landed({ ...onCanary(place), weightPercent: 5 });
  const head = await place.remote.commit({ branch: place.target, files: { "c.txt": "other\n" } });
  const moved = await land(git(), landOf(place, steppedUp(first)));
  expect(moved).toEqual({ kind: "base-moved", head });
  expect(orders).toHaveLength(1);
});

test("a revert takes the traffic away before it touches a branch", async () => {
  const landing = await landed({ ...onCanary(place), weightPercent: 5 });
  const outcome = await revert(git(), { landings: [landing], drain: { token: 1 } });
  expect(outcome).toMatchObject({ kind: "reverted", drain: { kind: "drained" } });
  expect(orders[1]).toEqual({ weightPercent: 0, sequence: 3, head: landing.commit });
  expect(await canaryHead()).not.toBe(landing.commit);
});

test("P4: a driver that fails holds no revert up; it is asked once more, and the failure is said", async () => {
  const landing = await landed({ ...onCanary(place), weightPercent: 5 });
  const failed = { kind: "failed", reason: "no cluster" } as const;
  answers = [failed, failed];
  const outcome = await revert(git(), { landings: [landing], drain: { token: 1 } });
  expect(outcome).toMatchObject({ kind: "reverted", drain: failed });
  expect(orders.slice(1).map(({ head }) => head)).toEqual([landing.commit, await canaryHead()]);
});

test("nobody steers: stages and reverts go on without", async () => {
  const plain = gitOf(place.bus, place.mirror);
  const outcome = await land(plain, landOf(place, { ...onCanary(place), weightPercent: 5 }));
  expect(outcome).not.toHaveProperty("weightPercent");
  const { kind: _, ...landing } = outcome as Landing & { kind: string };
  const reverted = await revert(plain, { landings: [landing], drain: { token: 1 } });
  expect(reverted).not.toHaveProperty("drain");
});
