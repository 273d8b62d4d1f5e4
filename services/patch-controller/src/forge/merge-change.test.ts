import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { patchCommandSchema } from "@council/contracts";
import { openForges } from "@council/forge";
import { type GithubServer, startGithubServer } from "@council/forge/testing";
import type { LandingOutcome } from "@council/domain";
import { candidateDigest } from "@council/evidence";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { deliveryOf, messageOf, patchId } from "../example.ts";
import { landOf, openSite, pause, type Place, placeOf, type Site } from "../git-example.ts";
import type { GitPerforming } from "../land-patch.ts";
import { performGit } from "../perform-git.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const project = "acme/shop";
let site: Site;
let place: Place;
let github: GithubServer;
let git: GitPerforming;
let number = 0;

beforeAll(async () => {
  site = await openSite();
  github = await startGithubServer({ project, gitDir: site.remote.repository.gitDir });
  const tokenFile = join(site.remote.dir, "token");
  await writeFile(tokenFile, github.token);
});
afterAll(async () => {
  await github.stop();
  await site.remote.remove();
});

beforeEach(async () => {
  place = await placeOf(site);
  number += 1;
  const head = (await site.remote.head("work")) ?? "";
  setHead(head);
  github.pulls.set(number, {
    number,
    branch: place.target,
    state: "open",
    merged: false,
    title: "Two",
  });
  const auth = { kind: "token", tokenFile: join(site.remote.dir, "token") } as const;
  const forge = { kind: "github", project, apiUrl: github.url, auth, merge: "forge" } as const;
  git = { ...place.git, forges: openForges(new Map([["shop", { forge }]])) };
});
afterEach(() => {
  github.requests.length = 0;
});

function setHead(commit: string): void {
  const args = ["update-ref", `refs/pull/${number}/head`, commit];
  execFileSync("git", args, { cwd: site.remote.repository.gitDir });
}

async function land(changes: { effect?: object; head?: string } = {}): Promise<LandingOutcome> {
  const { lane, ...effect } = landOf(place, changes.effect);
  const head = changes.head ?? (await site.remote.head("work")) ?? "";
  const patch = {
    id: patchId,
    repository: "shop",
    targetBranch: lane,
    title: "An example",
    author: "ann",
    externalId: `${project}#${number}`,
    head,
  };
  const message = messageOf({ type: "land" }, { body: { patch, effect } });
  const [reply] = (await performGit(git, deliveryOf(message))).messages ?? [];
  const answer = patchCommandSchema.parse(reply?.message.body);
  return (answer as unknown as { outcome: LandingOutcome }).outcome;
}

const merges = () => github.requests.filter(({ method }) => method === "PUT");

describe("a landing the forge merges", () => {
  test("P1, P9: is the audited tree, once, however often it is asked for", async () => {
    const first = await land();
    const { candidate, target, remote } = place;
    expect(first).toMatchObject({ kind: "landed", tree: candidate.tree, parent: candidate.base });
    expect(await remote.head(target)).toBe((first as { commit: string }).commit);
    expect(await land()).toEqual(first);
    expect(merges()).toHaveLength(1);
  });

  test("P1: is found by its effect id when the answer to the merge was lost", async () => {
    const { pulls } = github;
    const pull = pulls.get(number)!;
    const first = await land();
    pulls.set(number, { ...pull, state: "open", merged: false });
    expect(await land()).toEqual(first);
    expect(merges()).toHaveLength(1);
  });

  test("a moved base is answered, and nothing is merged", async () => {
    const head = await place.remote.commit({ branch: place.target, files: { "z.txt": "z\n" } });
    expect(await land()).toEqual({ kind: "base-moved", head });
    expect(merges()).toHaveLength(0);
  });

  test("P2: a head that moved on since the audit is not merged", async () => {
    setHead(await place.remote.commit({ branch: "work-on", files: { "evil.txt": "e\n" } }));
    expect(await land()).toMatchObject({ kind: "refused" });
    expect(merges()).toHaveLength(0);
  });

  test("P2, P9: a head that holds something else than was audited is not merged", async () => {
    await site.remote.setBranch(`other-${number}`, place.candidate.base);
    const branch = `other-${number}`;
    const head = await place.remote.commit({ branch, files: { "evil.txt": "e\n" } });
    setHead(head);
    const reason = "the head of the change does not hold what was audited";
    expect(await land({ head })).toEqual({ kind: "refused", reason });
    expect(merges()).toHaveLength(0);
  });

  test("a head whose own history was taken back on the branch is not merged without it", async () => {
    const { remote, target, candidate } = place;
    const work = (await remote.head("work")) ?? "";
    await remote.setBranch(target, work);
    const message = `Back\n\nCouncil-Reverts: ${work}`;
    const base = await remote.commit({ branch: target, files: { "a.txt": "one\n" }, message });
    const { tree, diff } = candidate;
    const digest = candidateDigest({ base, tree, diff });
    const outcome = await land({ effect: { candidate: { ...candidate, base, digest } } });
    expect(outcome).toMatchObject({ kind: "refused", reason: expect.stringContaining("re-land") });
    expect(merges()).toHaveLength(0);
  });

  test("a pause bars it", async () => {
    await pause(place.bus);
    expect(await land()).toEqual({ kind: "cancelled" });
    expect(merges()).toHaveLength(0);
  });

  test("a forge that is away is tried again, one that refuses is an answer", async () => {
    github.fail({ status: 503 }, 1, "PUT");
    await expect(land()).rejects.toMatchObject({ code: "unreachable" });
    const message = "At least 1 approving review is required";
    github.fail({ status: 405, body: { message } }, 1, "PUT");
    const outcome = await land();
    expect(outcome).toMatchObject({ kind: "refused" });
    expect((outcome as { reason: string }).reason).toContain(message);
    expect(await land()).toMatchObject({ kind: "cancelled" });
  });
});
