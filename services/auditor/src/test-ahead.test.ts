import { memoryBus } from "@council/bus";
import type { TestAhead } from "@council/contracts";
import { sha256Hex } from "@council/evidence";
import { applyDiff, type Mirror } from "@council/git";
import { testRemote, type TestRemote } from "@council/git/testing";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { deliveryOf, diffOf, storeBlob } from "./example.ts";
import type { ExpectedTree } from "./head.ts";
import { testAhead } from "./test-ahead.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const { signal } = new AbortController();
let remote: TestRemote;
let mirror: Mirror;
let base: string;
let one: Buffer;
let other: Buffer;

beforeAll(async () => {
  remote = await testRemote({ "a.txt": "one\n" });
  mirror = await remote.mirror();
  base = (await remote.head()) ?? "";
  one = await diffOf(remote, mirror, { "a.txt": "one\ntwo\n" });
  other = await diffOf(remote, mirror, { "b.txt": "new\n" });
});
afterAll(() => remote.remove());

/** What a head is shown of these diffs, of which the bus has only some. */
async function shown(
  diffs: readonly Buffer[],
  { stored = diffs, on = base, ageMs = 0 } = {},
): Promise<ExpectedTree[]> {
  const bus = memoryBus();
  for (const diff of stored) await storeBlob(bus, diff, sha256Hex(diff));
  const body: TestAhead = {
    repository: "shop",
    base: on,
    diffs: diffs.map((diff) => ({ patchId: "p03-abcdefgh", diff: sha256Hex(diff) })),
  };
  const seen: ExpectedTree[] = [];
  const lookAhead = (expected: ExpectedTree) => Promise.resolve(void seen.push(expected));
  const delivery = deliveryOf({ type: "test-ahead" }, body);
  const mirrors = () => Promise.resolve(mirror);
  const now = delivery.message.at + ageMs;
  expect(await testAhead({ bus, mirrors, lookAhead }, delivery, signal, now)).toEqual({});
  return seen;
}

test("P9: the tree that is looked ahead at is the one that the audit of the last will make", async () => {
  const landed = await applyDiff(mirror, { base, diff: one });
  if (landed.kind !== "applied") throw new Error(landed.reason);
  const audited = await applyDiff(mirror, { base: landed.tree, diff: other });
  if (audited.kind !== "applied") throw new Error(audited.reason);
  expect(await shown([one, other])).toEqual([{ repository: "shop", mirror, tree: audited.tree }]);
});

test("P3: what cannot be made is not looked at, and nothing fails for it", async () => {
  expect(await shown([one, one])).toEqual([]);
  expect(await shown([one, other], { stored: [one] })).toEqual([]);
  expect(await shown([one], { on: "0".repeat(40) })).toEqual([]);
});

test("what was likely long ago is not run any more", async () => {
  expect(await shown([one], { ageMs: 10 * 60_000 })).toHaveLength(1);
  expect(await shown([one], { ageMs: 10 * 60_000 + 1 })).toEqual([]);
});
