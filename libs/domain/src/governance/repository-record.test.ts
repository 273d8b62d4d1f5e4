import { describe, expect, test } from "vitest";
import { defaultPolicy } from "../default-policy.ts";
import { dayMs, hasEmergency, limitReached, type Limits } from "./limits.ts";
import {
  decideRecord,
  emptyRecord,
  type RecordCommand,
  refusedBefore,
  type RepositoryRecord,
} from "./repository-record.ts";

const limits: Limits = { ...defaultPolicy.limits, quarantineWindowMs: 10 * dayMs };
const start = 100 * dayMs;
const change = (patchId: string, at: number) => ({
  patchId,
  semanticDigest: `s-${patchId}`,
  alphaDigest: `a-${patchId}`,
  reason: "slow",
  at,
});
const reverted = (patchId: string, at: number, more: object = {}): RecordCommand => ({
  type: "note-revert",
  repository: "shop",
  patchId,
  author: "ci",
  at,
  isAutomatic: true,
  change: change(patchId, at),
  limits,
  ...more,
});
const landed = (patchId: string, at: number, more: object = {}): RecordCommand => ({
  type: "note-landing",
  patchId,
  author: "ci",
  at,
  ...more,
});
function after(commands: readonly RecordCommand[], from: RepositoryRecord = emptyRecord) {
  return commands.reduce((state, command) => {
    const decision = decideRecord(state, command, "at" in command ? command.at : start);
    if (decision.kind === "refused") throw new Error(decision.reason);
    return decision.state;
  }, from);
}
const patch = (changes: object = {}) => ({
  id: "p9",
  author: "ann",
  sender: "ci",
  policy: { limits },
  ...changes,
});

describe("a quota", () => {
  const full = after(["p1", "p2", "p3"].map((id, index) => landed(id, start + index)));

  test("is of each author, within 24 hours; the fourth waits for the first to be a day old", () => {
    expect(limitReached(patch(), full, start + 10)).toMatchObject({ until: start + dayMs });
    expect(limitReached(patch(), full, start + dayMs)).toBe(undefined);
    expect(limitReached(patch({ sender: "other" }), full, start + 10)).toBe(undefined);
    // At a forge everybody comes by one sender, so the author counts.
    expect(limitReached(patch({ sender: "github", head: "c0" }), full, start)).toBe(undefined);
  });

  test("counts a patch once, however often it lands, and not against itself", () => {
    const again = after([landed("p3", start + 5)], full);
    expect(again.landings).toHaveLength(3);
    expect(limitReached(patch({ id: "p3" }), again, start + 10)).toBe(undefined);
  });

  test("has an emergency beside it, and spares who is unlimited", () => {
    const emergency = after([landed("p4", start + 6, { isEmergency: true })], full);
    expect(hasEmergency(patch(), full, start + 10)).toBe(true);
    expect(hasEmergency(patch(), emergency, start + 10)).toBe(false);
    expect(hasEmergency(patch({ id: "p4" }), emergency, start + 10)).toBe(true);
    const unlimited = { limits: { ...limits, unlimited: ["ci"] } };
    expect(limitReached(patch({ policy: unlimited }), full, start + 10)).toBe(undefined);
  });
});

describe("a revert", () => {
  test("makes its author wait", () => {
    const state = after([reverted("p1", start)]);
    expect(limitReached(patch(), state, start + 1)).toMatchObject({
      until: start + limits.cooldownMs,
    });
    expect(limitReached(patch(), state, start + limits.cooldownMs)).toBe(undefined);
  });

  test("refuses the same change, also renamed, until it is released", () => {
    const state = after([reverted("p1", start)]);
    const same = { semanticDigest: "s-p1", alphaDigest: "x" };
    const renamed = { semanticDigest: "x", alphaDigest: "a-p1" };
    expect(refusedBefore(state, same)).toMatchObject({ patchId: "p1" });
    expect(refusedBefore(state, renamed)).toMatchObject({ patchId: "p1" });
    expect(refusedBefore(state, { semanticDigest: "x" })).toBe(undefined);
    const said = { actor: "otto", reason: "fixed elsewhere" };
    const freed = after([{ type: "release-change", patchId: "p1", ...said }], state);
    expect(refusedBefore(freed, same)).toBe(undefined);
    expect(decideRecord(freed, { type: "release-change", patchId: "p1", ...said }, 0).kind).toBe(
      "refused",
    );
  });

  test("too often stops the author and the builder, until somebody lifts it", () => {
    const times = [1, 2, 3].map((index) => reverted(`p${index}`, start + index, { builder: "a" }));
    const state = after(times);
    expect(state.stops.map(({ scope, actor }) => ({ scope, actor }))).toEqual([
      { scope: { kind: "author", name: "ci" }, actor: "council" },
      { scope: { kind: "builder", name: "a" }, actor: "council" },
    ]);
    const author = { kind: "author", name: "ci" } as const;
    const lifted = after([{ type: "lift", scope: author, actor: "otto", reason: "r" }], state);
    expect(lifted.stops).toHaveLength(1);
    // What led to it is forgiven: one more revert does not bring it back.
    expect(after([reverted("p4", start + 4)], lifted).stops).toHaveLength(1);
  });

  test("told twice counts once (P1)", () => {
    const once = after([reverted("p1", start)]);
    expect(after([reverted("p1", start)], once)).toEqual(once);
  });

  test("P4: too many automatic ones stop the repository's landings; a person's never count", () => {
    const many = (isAutomatic: boolean) =>
      after(
        Array.from({ length: limits.automaticRevertsPerDay }, (_, index) =>
          reverted(`p${index}`, start + index, { author: `author ${index}`, isAutomatic }),
        ),
      ).stops;
    expect(many(true)).toMatchObject([{ scope: { kind: "repository", name: "shop" } }]);
    expect(many(false)).toEqual([]);
  });
});
