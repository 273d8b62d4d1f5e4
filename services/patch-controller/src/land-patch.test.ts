import { execFileSync } from "node:child_process";
import { memoryBus } from "@council/bus";
import { sha256Hex } from "@council/evidence";
import { findTrailers, fetchBranches, treeOf } from "@council/git";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { deliveryOf, messageOf, patchId } from "./example.ts";
import {
  gitOf,
  land,
  landOf,
  onCanary,
  openSite,
  pause,
  type Place,
  placeOf,
  type Site,
  storeDiff,
} from "./git-example.ts";
import { performGit } from "./perform-git.ts";

let place: Place;
let site: Site;
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
beforeAll(async () => {
  site = await openSite();
});
beforeEach(async () => {
  place = await placeOf(site);
});
afterAll(() => site.remote.remove());
const text = () => place.remote.text("a.txt", place.target);
const log = () => place.remote.log(place.target);

describe("landing", () => {
  test("P9: the audited tree is on the branch, in one commit that says what it is", async () => {
    const { git, remote, mirror, candidate } = place;
    const outcome = await land(git, landOf(place));
    const head = await remote.head(place.target);
    expect(outcome).toEqual({
      kind: "landed",
      stage: "target",
      branch: place.target,
      commit: head,
      tree: candidate.tree,
      parent: candidate.base,
    });
    await fetchBranches(mirror);
    expect(await treeOf(mirror, head ?? "")).toBe(candidate.tree);
    const [found] = await findTrailers(mirror, { to: head ?? "" }, [{ key: "Council-Effect" }]);
    expect(Object.fromEntries(found?.trailers ?? [])).toEqual({
      "Council-Effect": `${patchId}.4.target`,
      "Council-Patch": patchId,
      "Council-Stage": "target",
      "Council-Audited-Tree": candidate.tree,
      "Council-Decision": candidate.digest,
    });
  });

  test("P1: again, by another process, finds it done", async () => {
    const { git, remote, bus } = place;
    const first = await land(git, landOf(place));
    expect(await land(gitOf(bus, await remote.mirror()), landOf(place))).toEqual(first);
    expect(await log()).toHaveLength(2);
  });

  test("P1: twins at once make one commit, and both say so", async () => {
    const { remote, bus } = place;
    const twins = await Promise.all([1, 2, 3].map(async () => gitOf(bus, await remote.mirror())));
    const outcomes = await Promise.all(twins.map((git) => land(git, landOf(place))));
    expect(outcomes.map(({ kind }) => kind)).toEqual(["landed", "landed", "landed"]);
    expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
    expect(await log()).toHaveLength(2);
  });

  test("P1: a landing that races its cancellation is on the branch or barred, never both", async () => {
    const { remote, bus } = place;
    const [one, other] = [gitOf(bus, await remote.mirror()), gitOf(bus, await remote.mirror())];
    const [landed, cancelled] = await Promise.all([
      land(one, landOf(place)),
      land(other, landOf(place, { type: "cancel-landing" })),
    ]);
    const isOn = (await log()).length === 2;
    expect([landed.kind, cancelled.kind]).toEqual(
      isOn ? ["landed", "landed"] : ["cancelled", "cancelled"],
    );
    expect((await land(one, landOf(place))).kind).toBe(isOn ? "landed" : "cancelled");
    expect(await log()).toHaveLength(isOn ? 2 : 1);
  });

  test("P1: once cancelled it never lands; once landed it is not cancelled", async () => {
    const { git } = place;
    const cancel = landOf(place, { type: "cancel-landing" });
    expect(await land(git, cancel)).toEqual({ kind: "cancelled" });
    expect(await land(git, landOf(place))).toEqual({ kind: "cancelled" });
    expect(await text()).toBe("one\n");
    const next = landOf(place, { effectId: `${patchId}.6.target`, token: 2 });
    expect((await land(git, next)).kind).toBe("landed");
    expect((await land(git, { ...next, type: "cancel-landing" })).kind).toBe("landed");
  });

  test("P1: a process whose lane passed on lands nothing", async () => {
    const { git } = place;
    await land(git, landOf(place, { type: "cancel-landing", effectId: "another", token: 5 }));
    expect(await land(git, landOf(place, { token: 4 }))).toEqual({ kind: "cancelled" });
    expect(await text()).toBe("one\n");
  });

  test("while paused nothing lands, now or later", async () => {
    const { git, bus } = place;
    await pause(bus);
    expect(await land(git, landOf(place))).toEqual({ kind: "cancelled" });
    expect(await text()).toBe("one\n");
    expect(await land({ ...git, bus: memoryBus() }, landOf(place))).toEqual({
      kind: "refused",
      reason: "the diff is no longer stored",
    });
  });

  test("P1: what landed before the pause is found all the same", async () => {
    const { git, bus } = place;
    const first = await land(git, landOf(place));
    await pause(bus);
    expect(await land(git, landOf(place))).toEqual(first);
  });
});

describe("what was not audited does not land", () => {
  test("P2: a stored diff that was tampered with", async () => {
    const { git, diff } = place;
    const bus = memoryBus();
    const bytes = Buffer.from(diff.toString().replace("+two", "+own"));
    bus.readBlob = () => Promise.resolve(bytes);
    expect(await land({ ...git, bus }, landOf(place))).toEqual({
      kind: "refused",
      reason: "the stored diff does not have its digest",
    });
    expect(await text()).toBe("one\n");
  });

  test("P9: a tree that the audited diff does not give", async () => {
    const { git, candidate } = place;
    const tree = "e".repeat(40);
    for (const changed of [
      { ...candidate, tree },
      { ...candidate, digest: "f".repeat(64) },
    ])
      expect(await land(git, landOf(place, { candidate: changed }))).toMatchObject({
        kind: "refused",
        reason: expect.stringContaining("audited was") as string,
      });
    expect(await log()).toHaveLength(1);
  });

  test("P2: another diff, well stored, under the audited tree", async () => {
    const { git, bus, candidate, diff } = place;
    const bytes = Buffer.from(diff.toString().replace("+two", "+own"));
    const digest = sha256Hex(bytes);
    await storeDiff(bus, bytes, digest);
    const outcome = await land(git, landOf(place, { candidate: { ...candidate, diff: digest } }));
    expect(outcome.kind).toBe("refused");
    expect(await text()).toBe("one\n");
  });

  test("P10: a tree with a path its sender may not touch, whatever the comparison said of it", async () => {
    const { git, candidate } = place;
    const claimed = { ...candidate, paths: ["docs/a.md"] };
    const effect = landOf(place, { candidate: claimed });
    expect(await land(git, effect, { sender: "ci", mayTouch: ["docs/**"] })).toEqual({
      kind: "refused",
      reason: "the sender ci may not touch a.txt",
    });
    expect(await text()).toBe("one\n");
    const granted = landOf(place, { effectId: `${patchId}.6.target`, token: 2 });
    const outcome = await land(git, granted, { sender: "ci", mayTouch: ["*.txt"] });
    expect(outcome.kind).toBe("landed");
  });

  test("P1: what is said not to have landed cannot land any more", async () => {
    const { git, bus } = place;
    const without = { ...git, bus: memoryBus() };
    expect((await land(without, landOf(place))).kind).toBe("refused");
    // A twin that still has the diff was stopped before its push, and goes on now.
    expect(await land(gitOf(bus, place.mirror), landOf(place))).toEqual({
      kind: "cancelled",
    });
    expect(await text()).toBe("one\n");
  });
});

describe("when the base has moved", () => {
  test("P2: nothing lands on it, and the new base is named; not even once it moves back", async () => {
    const { git, remote, candidate } = place;
    const head = await remote.commit({ branch: place.target, files: { "b.txt": "c\n" } });
    expect(await land(git, landOf(place))).toEqual({ kind: "base-moved", head });
    await remote.setBranch(place.target, candidate.base);
    expect(await land(git, landOf(place))).toEqual({ kind: "cancelled" });
    expect(await text()).toBe("one\n");
  });

  test("the stages it had passed are levelled, whichever stage finds out", async () => {
    for (const finder of ["target", "beta"] as const) {
      place = await placeOf(site);
      const { git, remote, target, canary, beta } = place;
      expect((await land(git, landOf(place, onCanary(place)))).kind).toBe("landed");
      expect(await remote.text("a.txt", canary)).toBe("one\ntwo\n");
      const head = await remote.commit({ branch: target, files: { "b.txt": `${finder}\n` } });
      const later = finder === "beta" ? { stage: "beta", branch: beta, levelWith: target } : {};
      const next = {
        ...later,
        token: 2,
        effectId: `${patchId}.6.${finder}`,
        earlierBranches: [canary],
      };
      expect(await land(git, landOf(place, next))).toEqual({ kind: "base-moved", head });
      expect(await remote.text("a.txt", canary)).toBe("one\n");
      expect(await remote.text("b.txt", canary)).toBe(`${finder}\n`);
      expect(await text()).toBe("one\n");
    }
  });

  test("P1: a stage that cannot be levelled is said, not forgotten", async () => {
    const { git, remote } = place;
    await remote.commit({ branch: place.target, files: { "b.txt": "c\n" } });
    const outcome = await land(git, landOf(place, { earlierBranches: ["absent"] }));
    expect(outcome).toEqual({ kind: "refused", reason: "a branch does not exist" });
  });
});

describe("stages", () => {
  test("a stage branch is made, levelled with the target, and landed on with the audited tree", async () => {
    const { git, remote, mirror, candidate } = place;
    await remote.commit({ branch: place.canary, files: { "stray.txt": "x\n" } });
    const outcome = await land(git, landOf(place, onCanary(place)));
    expect(outcome).toMatchObject({
      kind: "landed",
      stage: "canary",
      branch: place.canary,
      tree: candidate.tree,
    });
    await fetchBranches(mirror);
    expect(await treeOf(mirror, (await remote.head(place.canary)) ?? "")).toBe(candidate.tree);
    expect(await text()).toBe("one\n");
    const again = await land(git, landOf(place, { token: 2 }));
    expect(again).toMatchObject({ kind: "landed", branch: place.target, tree: candidate.tree });
  });

  test("P9: whenever the target moves, nothing lands on a stage that was levelled with another base", async () => {
    const { git, remote, mirror, candidate } = place;
    await remote.setBranch("moved", candidate.base);
    const moved = await remote.commit({ branch: "moved", files: { "b.txt": "moved\n" } });
    const ends = new Set<string>();
    for (let moment = 1; moment <= 12; moment += 1) {
      place = await placeOf(site);
      let looks = 0;
      const watched = Object.defineProperty({ ...mirror }, "remoteUrl", {
        get: () => {
          looks += 1;
          const ref = `refs/heads/${place.target}`;
          const args = ["--git-dir", remote.repository.gitDir, "update-ref", ref, moved];
          if (looks === moment) execFileSync("git", args);
          return mirror.remoteUrl;
        },
      });
      const disturbed = { ...gitOf(place.bus, watched), trafficOf: git.trafficOf };
      const outcome = await land(disturbed, landOf(place, onCanary(place))).catch(() => undefined);
      ends.add(outcome?.kind ?? "again");
      if (outcome?.kind !== "landed") continue;
      expect(await treeOf(mirror, outcome.parent)).toBe(await treeOf(mirror, candidate.base));
    }
    expect([...ends].sort()).toEqual(["again", "base-moved", "landed"]);
  });

  test("a target that does not exist is refused", async () => {
    const { git } = place;
    const outcome = await land(git, landOf(place, { ...onCanary(place), levelWith: "absent" }));
    expect(outcome).toEqual({ kind: "refused", reason: "there is no branch absent" });
  });

  test("a branch name git never takes is an answer, not a message tried for ever", async () => {
    const { git } = place;
    for (const type of ["land", "cancel-landing"])
      expect((await land(git, landOf(place, { type, branch: "no..good" }))).kind).toBe("refused");
  });
});

test("an unreachable repository, or another message, is tried again", async () => {
  const { git, mirror } = place;
  const other = messageOf({ type: "audit" });
  await expect(performGit(git, deliveryOf(other))).rejects.toThrow("not for git");
  const away = { ...mirror, remoteUrl: "file:///nowhere/at/all.git" };
  await expect(
    land({ ...git, mirrors: () => Promise.resolve(away) }, landOf(place)),
  ).rejects.toThrow(/nowhere/);
});
