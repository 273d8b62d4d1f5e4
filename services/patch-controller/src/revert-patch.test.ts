import type { Landing } from "@council/domain";
import { fetchBranches, findTrailers, treeOf } from "@council/git";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { patchId } from "./example.ts";
import {
  gitOf,
  land,
  landOf,
  onCanary,
  openSite,
  pause,
  type Place,
  placeOf,
  revert,
  type Site,
} from "./git-example.ts";

let place: Place;
let landings: Landing[];
let site: Site;
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.remote.remove());
beforeEach(async () => {
  place = await placeOf(site);
  const { git } = place;
  landings = [];
  for (const changes of [onCanary(place), { token: 2 }]) {
    const { kind, ...landing } = (await land(git, landOf(place, changes))) as Landing & {
      kind: string;
    };
    if (kind !== "landed") throw new Error(`not landed: ${kind}`);
    landings.unshift(landing);
  }
});

const branches = ({ reverts }: { reverts: readonly { branch: string }[] }) =>
  reverts.map(({ branch }) => branch.replace(/-\d+$/, ""));
const text = (path: string, branch = place.target) => place.remote.text(path, branch);

describe("a revert", () => {
  test("P9: takes the patch off every branch, newest landing first, and restores every path", async () => {
    const { git, remote, mirror } = place;
    const outcome = await revert(git, { landings });
    expect(outcome.kind).toBe("reverted");
    expect(branches(outcome)).toEqual(["main", "canary"]);
    await fetchBranches(mirror);
    for (const [at, { branch, parent, commit }] of landings.entries()) {
      const head = (await remote.head(branch)) ?? "";
      expect(outcome.reverts[at]).toMatchObject({
        commit: head,
        landing: commit,
        restored: "exact",
      });
      expect(await treeOf(mirror, head)).toBe(await treeOf(mirror, parent));
      const [found] = await findTrailers(mirror, { from: commit, to: head }, [
        { key: "Council-Reverts" },
      ]);
      expect(Object.fromEntries(found?.trailers ?? [])).toMatchObject({
        "Council-Reverts": commit,
        "Council-Patch": patchId,
      });
    }
  });

  test("P1: again, and by twins at once, finds it done and says the same", async () => {
    const { git, bus, remote } = place;
    const twins = await Promise.all([1, 2].map(async () => gitOf(bus, await remote.mirror())));
    const [first, second] = await Promise.all(twins.map((twin) => revert(twin, { landings })));
    expect(second).toEqual(first);
    expect(await revert(git, { landings })).toEqual(first);
    expect(await remote.log(place.target)).toHaveLength(3);
  });

  test("P1: asked for again later under another id, it finds the branches clean", async () => {
    const { git, remote } = place;
    const first = await revert(git, { landings });
    await remote.commit({ branch: place.target, files: { "b.txt": "later\n" } });
    const again = await revert(git, { landings, effectId: `${patchId}.9.revert` });
    expect(again.kind).toBe("reverted");
    expect(again.reverts[0]).toMatchObject({ commit: first.reverts[0]?.commit, restored: "exact" });
    expect(await remote.log(place.target)).toHaveLength(4);
  });

  test("P4: asks no pause and no lane", async () => {
    const { git, bus } = place;
    await pause(bus);
    await land(git, landOf(place, { type: "cancel-landing", effectId: "another", token: 99 }));
    expect((await revert(git, { landings })).kind).toBe("reverted");
    expect(await text("a.txt")).toBe("one\n");
  });

  test("later work in other files stays", async () => {
    const { git, remote } = place;
    await remote.commit({ branch: place.target, files: { "b.txt": "later\n" } });
    const outcome = await revert(git, { landings });
    expect(outcome.kind).toBe("reverted");
    expect(await text("a.txt")).toBe("one\n");
    expect(await text("b.txt")).toBe("later\n");
    expect(outcome.reverts[0]?.restored).toBe("exact");
    expect(await revert(git, { landings })).toEqual(outcome);
  });
});

describe("a branch that cannot be reverted", () => {
  test("P4: stays as it is, shows both sides, and keeps no other branch from being cleaned", async () => {
    const { git, remote } = place;
    const later = await remote.commit({
      branch: place.target,
      files: { "a.txt": "one\ntwo and a half\n" },
    });
    const outcome = await revert(git, { landings });
    expect(outcome).toMatchObject({
      kind: "conflict",
      hunks: [{ branch: place.target, path: "a.txt" }],
    });
    expect(branches(outcome)).toEqual(["canary"]);
    expect(await remote.head(place.target)).toBe(later);
    expect(await text("a.txt", place.canary)).toBe("one\n");
    // A person makes room; the next request finishes the work.
    await remote.commit({ branch: place.target, files: { "a.txt": "one\ntwo\n" } });
    const again = await revert(git, { landings, effectId: `${patchId}.9.revert` });
    expect([again.kind, branches(again)]).toEqual(["reverted", ["main", "canary"]]);
    expect(await text("a.txt")).toBe("one\n");
  });

  test("on an earlier stage only, the target is reverted first", async () => {
    const { git, remote } = place;
    await remote.commit({ branch: place.canary, files: { "a.txt": "one\ntwo and a half\n" } });
    const outcome = await revert(git, { landings });
    expect([outcome.kind, branches(outcome)]).toEqual(["conflict", ["main"]]);
    expect(await text("a.txt")).toBe("one\n");
  });

  test("a branch the landing is no longer on needs none", async () => {
    const { git, remote, candidate } = place;
    await remote.setBranch(place.canary, candidate.base);
    const outcome = await revert(git, { landings });
    expect([outcome.kind, branches(outcome)]).toEqual(["reverted", ["main"]]);
  });

  test("an impossible branch name is refused, not tried for ever", async () => {
    const outcome = await revert(place.git, { landings: [{ ...landings[0], branch: "no..good" }] });
    expect(outcome).toMatchObject({ kind: "refused", reverts: [] });
  });

  test("an unreachable repository is tried again", async () => {
    const away = { ...place.mirror, remoteUrl: "file:///nowhere/at/all.git" };
    const git = { ...place.git, mirrors: () => Promise.resolve(away) };
    await expect(revert(git, { landings })).rejects.toThrow(/nowhere/);
  });
});
