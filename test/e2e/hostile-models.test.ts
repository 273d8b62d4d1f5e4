/** P11 on real processes: both model heads approve whatever they are shown. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hostileCorpus } from "../fixtures/hostile-corpus.ts";
import { base, type CorpusPatch } from "../fixtures/hostile-patch.ts";
import { eventsOf, has } from "./ledger-book.ts";
import {
  approval,
  geminiSeat,
  guardSeat,
  isVoteAsked,
  type ModelWorld,
  openaiSeat,
  startModelWorld,
} from "./model-world.ts";

type TextPatch = CorpusPatch & { readonly files: Readonly<Record<string, string | null>> };
const isText = (patch: CorpusPatch): patch is TextPatch =>
  patch.files !== undefined &&
  Object.values(patch.files).every((file) => file === null || typeof file === "string");
const texts = hostileCorpus.filter(isText);
/** The first bad patch of every family that git can write as text. */
const bad = [
  ...new Map(
    texts
      .filter(({ isGood }) => !isGood)
      .toReversed()
      .map((each) => [each.family, each]),
  ).values(),
];
const good = texts.find(({ isGood }) => isGood);

let on: ModelWorld;
beforeAll(async () => {
  on = await startModelWorld({
    repositories: { shop: { seats: [guardSeat, geminiSeat, openaiSeat] } },
    files: { shop: base },
    env: { COST_DAILY_LIMIT: "50" },
    answer: () => approval,
  });
}, 90_000);
afterAll(() => on[Symbol.asyncDispose](), 60_000);

const judged = (patch: TextPatch) =>
  on.world.draft("shop", patch.files).then((draft) => on.world.submit(draft));

describe("P11: with every model head approving, nothing of the corpus lands on the real stack", () => {
  it("there are at least eight families", () => expect(bad.length).toBeGreaterThanOrEqual(8));

  it.each(bad.map((patch) => [patch.family, patch.name, patch] as const))(
    "%s: %s",
    async (_family, _name, patch) => {
      const id = await judged(patch);
      const entries = await on.world.book.until(id, "decided", (all) =>
        all.some(({ event }) => /^(Held|Rejected|Failed|LandingStarted)$/.test(event.type)),
      );
      expect(has("LandingStarted")(entries)).toBe(false);
      const votes = eventsOf(entries, "VoteRecorded").map(({ vote }) => vote);
      const guard = votes.find(({ head }) => head === "guard");
      expect(guard?.findings.some(({ severity }) => /error|question/.test(severity))).toBe(true);
      // Nobody else stood in its way; what is too large or no text they are not shown.
      const others = votes.filter(({ head }) => head !== "guard").map(({ verdict }) => verdict);
      expect(others).not.toContain("reject");
    },
  );

  it("a good patch beside them lands, and the models were asked", async () => {
    const id = await judged(good!);
    on.world.feed.conduct(id, () => "good");
    await on.world.book.until(id, "landed", has("Landed"));
    expect(on.models.questions.filter(isVoteAsked).length).toBeGreaterThan(bad.length);
  });
});
