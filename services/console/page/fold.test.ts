import type { LedgerEntry } from "@council/contracts";
import type { PatchEvent, Vote } from "@council/domain";
import { chainEntry } from "@council/evidence";
import { describe, expect, test } from "vitest";
import type { PatchDetail } from "./api.ts";
import { checkChain } from "./check-chain.ts";
import { recordHeads } from "./head-record.ts";
import { foldEntry } from "./store.ts";
import { routeOf } from "./route.ts";
import { append } from "./use-patch.ts";

const entryOf = (sequence: number, event: PatchEvent, at = sequence): LedgerEntry => ({
  v: 1,
  patchId: "p00-aaaaaaaaaaaa",
  sequence,
  at,
  cause: "c",
  command: "c",
  correlationId: "c",
  event,
  prev: "",
  digest: "",
});

describe("a line of the board", () => {
  test("follows the events, keeps a revert's cause, and drops the reason of a state that is over", () => {
    const cause = { kind: "request", actor: "ada", reason: "slow" } as const;
    const events: PatchEvent[] = [
      { type: "Held", reason: { kind: "paused" } },
      { type: "LandingStarted", stage: "canary", token: 1, effectId: "e" },
      { type: "RevertStarted", cause, effectId: "e", at: 1 },
      { type: "Reverted", reverts: [] },
    ];
    const lines = events.map((_, at) =>
      events
        .slice(0, at + 1)
        .reduce<ReturnType<typeof foldEntry> | undefined>(
          (line, event, index) => foldEntry(line, entryOf(index + 1, event)),
          undefined,
        ),
    );
    expect(lines.map((line) => [line?.kind, line?.why])).toEqual([
      ["held", "landings are paused"],
      ["landing", undefined],
      ["reverting", "ada asked: slow"],
      ["reverted", "ada asked: slow"],
    ]);
  });

  test("old news changes nothing", () => {
    const line = foldEntry(undefined, entryOf(4, { type: "Settled" }));
    expect(foldEntry(line, entryOf(3, { type: "Held", reason: { kind: "paused" } }))).toBe(line);
  });

  test("a patch takes the next entry, and asks to be read anew when one is missing", () => {
    const detail: PatchDetail = {
      id: "p00-aaaaaaaaaaaa",
      kind: "watching",
      sequence: 1,
      timeline: [entryOf(1, { type: "Resumed" })],
      isTruncated: false,
    };
    expect(append(detail, entryOf(2, { type: "Settled" }))).toMatchObject({
      kind: "settled",
      sequence: 2,
    });
    expect(append(detail, entryOf(1, { type: "Settled" }))).toBe(detail);
    expect(append(detail, entryOf(3, { type: "Settled" }))).toBeUndefined();
  });
});

describe("the chain, recomputed with what browsers have", () => {
  const chain = [1, 2, 3].reduce<LedgerEntry[]>((known, sequence) => {
    const { prev: _, digest: __, ...entry } = entryOf(sequence, { type: "Resumed" });
    const prev = known.at(-1)?.digest ?? null;
    return [...known, chainEntry({ prev, entry }) as unknown as LedgerEntry];
  }, []);

  test("agrees with the evidence library", async () => {
    expect(await checkChain(chain)).toEqual({ kind: "intact", count: 3, head: chain[2]?.digest });
  });

  test("names the entry that was changed", async () => {
    const forged = chain.map((entry) => (entry.sequence === 2 ? { ...entry, at: 99 } : entry));
    expect(await checkChain(forged)).toEqual({ kind: "broken", sequence: 2 });
    expect(await checkChain(chain.toSpliced(1, 1))).toEqual({ kind: "broken", sequence: 3 });
  });
});

describe("the record of the heads", () => {
  const round = (verdicts: Record<string, Vote["verdict"]>, said: "approved" | "rejected") => {
    const seats = ["a", "b"].map((head) => ({ head, family: head }));
    const events: [number, object][] = [
      [100, { type: "AuditStarted", seats }],
      ...Object.keys(verdicts).map((head, at): [number, object] => [
        200 + 100 * at,
        { type: "VoteSealed", head },
      ]),
      ...Object.entries(verdicts).map(([head, verdict]): [number, object] => [
        500,
        { type: "VoteRecorded", vote: { head, verdict, findings: [] } },
      ]),
      [500, { type: "VerdictReached", verdict: { kind: said } }],
    ];
    return events.map(([at, event], index) => entryOf(index + 1, event as PatchEvent, at));
  };

  test("counts votes, time, and sides with the verdict", () => {
    const { heads } = recordHeads([
      round({ a: "approve", b: "approve" }, "approved"),
      round({ a: "approve", b: "reject" }, "rejected"),
      round({ a: "abstain" }, "approved"),
    ]);
    expect(heads).toMatchObject([
      { head: "a", asked: 3, voted: 3, approved: 2, abstained: 1, medianMs: 100, agreement: 0.5 },
      { head: "b", asked: 3, voted: 2, rejected: 1, medianMs: 200, agreement: 1 },
    ]);
  });
});

test.each([
  ["", { view: "board" }],
  ["#/board/reverted", { view: "board", filter: "reverted" }],
  ["#/patches/p00-aaaaaaaaaaaa", { view: "patch", id: "p00-aaaaaaaaaaaa" }],
  ["#p00-aaaaaaaaaaaa", { view: "patch", id: "p00-aaaaaaaaaaaa" }],
  ["#/patches/owner%2Fname%231", { view: "patch", id: "owner/name#1" }],
  ["#/%E0%A4%A", { view: "board" }],
  ["#constructor", { view: "board" }],
])("the address %j leads to %j", (hash, route) => {
  expect(routeOf(hash)).toEqual(route);
});
