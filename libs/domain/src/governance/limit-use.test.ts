import { expect, test } from "vitest";
import { defaultPolicy } from "../default-policy.ts";
import { limitUse } from "./limit-use.ts";
import { dayMs } from "./limits.ts";
import { emptyRecord, type LandingNote, type RevertNote } from "./repository-record.ts";

const { limits } = defaultPolicy;
const now = 10 * dayMs;
const landing = (author: string, agoMs: number, more: Partial<LandingNote> = {}): LandingNote => ({
  patchId: `${author}-${agoMs}`,
  author,
  at: now - agoMs,
  ...more,
});
const revert = (author: string, agoMs: number): RevertNote => ({
  ...landing(author, agoMs),
  isAutomatic: true,
});

test("counts what the limits count, and tells who waits until when", () => {
  const landings = [
    ...[1, 2, 3].map((agoMs) => landing("ada", agoMs)),
    landing("ada", 4, { isEmergency: true }),
    landing("bob", dayMs + 1),
  ];
  const record = {
    ...emptyRecord,
    landings,
    reverts: [revert("cy", 1000), revert("bob", 3 * dayMs)],
  };
  expect(limitUse(record, limits, now)).toEqual([
    {
      author: "ada",
      landings: 3,
      emergencies: 1,
      reverts: 0,
      waits: { detail: expect.stringContaining("3 is the most"), until: now - 3 + dayMs },
    },
    {
      author: "cy",
      landings: 0,
      emergencies: 0,
      reverts: 1,
      waits: { detail: expect.any(String), until: now - 1000 + limits.cooldownMs },
    },
  ]);
  const free = { ...limits, unlimited: ["ada", "cy"] };
  expect(limitUse(record, free, now).map(({ waits }) => waits)).toEqual([undefined, undefined]);
});
