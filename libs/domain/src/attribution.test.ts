import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Harm, rankSuspects, type Suspect } from "./attribution.ts";

const suspect = (patchId: string, landedAt: number, changes: Partial<Suspect> = {}): Suspect => ({
  patchId,
  landedAt,
  claim: { tier: "service", paths: [`src/${patchId}.js`], symbols: [patchId], uses: [] },
  variance: 0,
  ...changes,
});
const harm: Harm = { at: 100, touches: [] };
const order = (suspects: readonly Suspect[], seen = harm) =>
  rankSuspects(suspects, seen).map(({ patchId }) => patchId);

describe("the likeliest cause of harm", () => {
  test("is the newest landing, with the reason said", () => {
    const ranked = rankSuspects([suspect("p1", 10), suspect("p2", 90), suspect("p3", 50)], harm);
    expect(ranked).toEqual([
      { patchId: "p2", score: 2.5, why: "landed last, tier service, variance up to 0 %" },
      {
        patchId: "p3",
        score: 1.5,
        why: "landed 1 before the last, tier service, variance up to 0 %",
      },
      expect.objectContaining({ patchId: "p1" }),
    ]);
  });

  test("is what touches what the metric measures, however old", () => {
    const suspects = [suspect("p1", 10), suspect("p2", 90)];
    expect(order(suspects, { at: 100, touches: ["src/p1*"] })).toEqual(["p1", "p2"]);
    const [first] = rankSuspects(suspects, { at: 100, touches: ["none/**", "p1"] });
    expect(first).toMatchObject({
      patchId: "p1",
      why: expect.stringContaining("touches p1") as string,
    });
  });

  test("is code before documents, and disputed renders before equal ones", () => {
    const docs = { claim: { tier: "docs", paths: ["a.md"], symbols: [], uses: [] } } as const;
    const [, second] = order([suspect("p1", 10), suspect("p2", 90, docs)]);
    expect(second).toBe("p1");
    expect(order([suspect("p1", 50), suspect("p2", 50, docs)])).toEqual(["p1", "p2"]);
    const disputed = rankSuspects([suspect("p1", 10, { variance: 1 })], harm);
    expect(disputed[0]?.score).toBe(2.75);
  });

  test("is never what landed after the harm was seen, while there is another", () => {
    const late = suspect("p2", 101);
    expect(rankSuspects([late, suspect("p1", 10)], harm)[1]).toEqual({
      patchId: "p2",
      score: 0,
      why: "landed after the harm was seen",
    });
  });

  test("P5: is the same whatever order the suspects come in; each is named once", () => {
    const any = fc.uniqueArray(
      fc.tuple(fc.constantFrom("p1", "p2", "p3", "p4"), fc.integer({ min: 0, max: 120 })),
      { selector: ([id]) => id },
    );
    fc.assert(
      fc.property(any, (pairs) => {
        const suspects = pairs.map(([id, at]) => suspect(id, at));
        expect(order(suspects.toReversed())).toEqual(order(suspects));
        expect(order(suspects).toSorted()).toEqual(pairs.map(([id]) => id).toSorted());
      }),
    );
  });
});
