import type { RevertCheck } from "@council/domain";
import { findSandbox } from "@council/providers";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type CheckTree, revertCheck, treeChecker } from "./check-revert.ts";
import { gitOf, land, landOf, openSite, placeOf, revert, type Site } from "./git-example.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.remote.remove());

/** Runs a command as the tests of the repository, on the tree the candidate leads to. */
async function check(
  command: readonly string[] | undefined,
  timeoutMs = 20_000,
  sandbox = findSandbox,
): Promise<RevertCheck> {
  const repositories = new Map([["shop", command ? { testCommand: command } : {}]]);
  const { mirror, candidate } = site;
  return await treeChecker(repositories, sandbox)("shop", mirror, candidate.tree, timeoutMs);
}

const script = (text: string) => ["node", "-e", text];

describe("the tests on a reverted tree", () => {
  test("see that tree and nothing else, and say what they say", async () => {
    const isThere =
      'process.exit(require("fs").readFileSync("a.txt", "utf8") === "one\\ntwo\\n" ? 0 : 3)';
    expect(await check(script(isThere))).toEqual({ kind: "passed" });
    const secret = ["ghp", "aQ7xT2mK9rV4nB8wE3yU6iO1pL5sD0fGhJkZ"].join("_");
    const failed = await check(script(`console.log("boom ${secret}"); process.exit(3)`));
    expect(failed).toMatchObject({
      kind: "failed",
      reason: expect.stringMatching(/^exit code 3: boom/) as string,
    });
    expect(JSON.stringify(failed)).not.toContain(secret);
  });

  test("P3, P4: without a command, in time, or a place to run, say nothing and hold nothing up", async () => {
    const lost = () => Promise.reject(new Error("no space left"));
    const found = [
      await check(undefined),
      await check(script("setTimeout(() => {}, 60_000)"), 1000),
      await check(script("0"), 1000, () =>
        Promise.resolve({ kind: "unavailable", reason: "no bwrap", remedy: "" }),
      ),
      await check(script("0"), 1000, lost),
    ];
    expect(found.map(({ kind }) => kind)).toEqual(Array.from(found, () => "inconclusive"));
  });

  test("are asked once for a tree, and together have no more time than is given", async () => {
    const asked: number[] = [];
    let now = 0;
    const ask = (_: string, leftMs: number): Promise<RevertCheck> => {
      asked.push(leftMs);
      now += 30;
      return Promise.resolve({ kind: "passed" });
    };
    const { verify, found } = revertCheck({ timeoutMs: 40, isBinding: true }, ask, () => now);
    for (const tree of ["a", "a", "b", "c"]) expect(await verify(tree)).toEqual({ kind: "ok" });
    expect(asked).toEqual([40, 10]);
    expect(found()).toMatchObject({ kind: "inconclusive" });
  });
});

describe("a revert whose tree fails the tests", () => {
  const failing: CheckTree = () => Promise.resolve({ kind: "failed", reason: "exit code 1" });

  async function landedWith(checkTree: CheckTree) {
    const place = await placeOf(site);
    const git = gitOf(place.bus, site.mirror, undefined, checkTree);
    const { kind: _, ...landing } = (await land(git, landOf(place))) as { kind: string };
    return { place, again: (more: object) => revert(git, { landings: [landing], ...more }) };
  }

  test("P4: goes where the check does not bind, and the failure is told", async () => {
    const { place, again } = await landedWith(failing);
    expect(await again({ check: { timeoutMs: 1000, isBinding: false } })).toMatchObject({
      kind: "reverted",
      check: { kind: "failed", reason: "exit code 1" },
    });
    expect(await place.remote.text("a.txt", place.target)).toBe("one\n");
  });

  test("is not pushed where a person asked, and goes when asked again", async () => {
    const { place, again } = await landedWith(failing);
    const head = await place.remote.head(place.target);
    expect(await again({ check: { timeoutMs: 1000, isBinding: true } })).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining("ask again") as string,
      reverts: [],
    });
    expect(await place.remote.head(place.target)).toBe(head);
    const more = { effectId: "again", check: { timeoutMs: 1000, isBinding: false } };
    expect(await again(more)).toMatchObject({ kind: "reverted" });
  });

  test("is not asked about where the policy does not want it", async () => {
    const never: CheckTree = () => Promise.reject(new Error("not to be asked"));
    const { again } = await landedWith(never);
    const outcome = await again({});
    expect([outcome.kind, "check" in outcome]).toEqual(["reverted", false]);
  });
});
