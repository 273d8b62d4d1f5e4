/** Patches that only go together, taken back on a real remote by ordinary rollbacks, one after the other. */
import { inboxes, type StoredPatch } from "@council/contracts";
import type { Landing, PatchState } from "@council/domain";
import { fetchBranches, findTrailers, type Mirror } from "@council/git";
import { testRemote, type TestRemote } from "@council/git/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { candidateOf, controllerOf, partition, patchOf } from "./example.ts";
import { gitOf, putState } from "./git-example.ts";
import { emptyChain } from "./ledger-entries.ts";
import { performGit } from "./perform-git.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
let remote: TestRemote;
let mirror: Mirror;
let controller: ReturnType<typeof controllerOf>;
const landings: Record<string, Landing> = {};
const [first, beside, second, third] = ["first000", "beside00", "second00", "third000"].map(
  (name) => `p03-${name}`,
) as [string, string, string, string];

beforeEach(async () => {
  remote = await testRemote({ "a.txt": "one\ntwo\nthree\n", "b.txt": "b\n" });
  mirror = await remote.mirror();
  controller = controllerOf();
  await settle(first, { "a.txt": "one\n2\nthree\n" });
  await settle(beside, { "b.txt": "bee\n" });
  await settle(second, { "a.txt": "one\nzwei\nthree\n" });
  await settle(third, { "a.txt": "one\ndue\nthree\n" });
});
afterEach(async () => {
  await controller.stop();
  await remote.remove();
});

/** Lands files as this patch, which has settled since. */
async function settle(id: string, files: Record<string, string>): Promise<void> {
  const parent = (await remote.head()) ?? "";
  const commit = await remote.commit({ files });
  const landing = { stage: "target", branch: "main", commit, tree: "c".repeat(40), parent };
  landings[id] = landing;
  const state: PatchState = {
    kind: "settled",
    patch: patchOf({ id }),
    epoch: 9,
    base: parent,
    renders: {},
    rebases: 0,
    votes: [],
    landings: [landing],
    latestToken: 1,
    reverts: [],
    candidate: candidateOf(),
  };
  const stored: StoredPatch = { state, ...emptyChain };
  await putState(controller.bus, { partition, subject: id }, stored);
}

/** Performs what is decided, each effect by a process that is killed after its push, and then by another. */
function startGit(before: (patchId: string) => Promise<unknown> = () => Promise.resolve()) {
  const { bus } = controller;
  const killed = new Set<string>();
  return bus.consume({
    inbox: inboxes.git,
    blockMs: 20,
    backoffMs: () => 1,
    handler: async (delivery) => {
      const { id, subject } = delivery.message;
      if (killed.has(id)) return await performGit(gitOf(bus, await remote.mirror()), delivery);
      killed.add(id);
      await before(subject);
      await performGit(gitOf(bus, mirror), delivery);
      throw new Error("killed before it could answer");
    },
  });
}

const askTogether = () =>
  controller.tell(
    {
      type: "request-rollback",
      actor: "ann",
      reason: "orders are lost",
      joint: { target: first, done: [], rest: [second, first] },
    } as { type: string },
    { subject: third },
  );

const kindsOf = async () =>
  await Promise.all([third, second, first].map(async (id) => (await controller.state(id))?.kind));

test("P1, P9: each goes once, newest first, whatever is killed; what lies between stays", async () => {
  const git = startGit();
  await askTogether();
  await vi.waitFor(async () => expect(await kindsOf()).toEqual(Array(3).fill("reverted")), 30_000);
  await git.stop();
  expect(await remote.text("a.txt")).toBe("one\ntwo\nthree\n");
  expect(await remote.text("b.txt")).toBe("bee\n");
  await fetchBranches(mirror);
  const to = (await remote.head()) ?? "";
  const reverts = await findTrailers(mirror, { to }, [{ key: "Council-Reverts" }]);
  const order = reverts.map(({ trailers }) => Object.fromEntries(trailers)["Council-Reverts"]);
  expect(order).toEqual([third, second, first].map((id) => landings[id]?.commit));
  expect(await remote.log()).toHaveLength(8);
});

test("P4, P9: where one does not come off, what follows stays, and people are told what is gone", async () => {
  // Somebody pushes to the same line once the first of the set is gone.
  const git = startGit(async (id) => {
    if (id === second) await remote.commit({ files: { "a.txt": "one\nvier\nthree\n" } });
  });
  await askTogether();
  await vi.waitFor(
    async () => expect(await kindsOf()).toEqual(["reverted", "revert-blocked", "settled"]),
    30_000,
  );
  await git.stop();
  expect(await remote.text("a.txt")).toBe("one\nvier\nthree\n");
  const told = await controller.sent(inboxes.notifier);
  const texts = told.map(({ body }) => (body as { effect: { text: string } }).effect.text);
  expect(texts.filter((text) => text.startsWith("revert blocked"))).toEqual([
    expect.stringContaining(
      `the joint rollback of ${first} stops here: taken back ${third}, still there ${second}, ${first}`,
    ),
  ]);
});
