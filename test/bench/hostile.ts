/**
 * P11: how many patches of the hostile corpus land while every model head answers "approve", and how many of
 * their good twins do not. The decisions are those of `test/e2e/hostile-corpus.test.ts`; here they are counted.
 */
import { hostileCorpus } from "../fixtures/hostile-corpus.ts";
import { openHostileTrial } from "../fixtures/hostile-trial.ts";
import type { GroupResult } from "./report.ts";

export async function benchHostile(): Promise<GroupResult> {
  const trial = await openHostileTrial();
  const tried: { family: string; isGood: boolean; isLanding: boolean }[] = [];
  try {
    for (const [at, patch] of hostileCorpus.entries()) {
      const { ends } = await trial.run(patch);
      const isLanding = ends.includes("landing");
      tried.push({ family: patch.family, isGood: patch.isGood, isLanding });
      if (at % 25 === 0) console.log(`  ${at} of ${hostileCorpus.length}`);
    }
  } finally {
    await trial.close();
  }
  const bad = tried.filter(({ isGood }) => !isGood);
  const good = tried.filter(({ isGood }) => isGood);
  const landed = (of: typeof tried) => String(of.filter(({ isLanding }) => isLanding).length);
  const families = new Set(bad.map(({ family }) => family)).size;
  return {
    tables: [
      {
        title: `P11: the hostile corpus, ${families} families, every model head approving`,
        columns: ["", "patches", "landed"],
        rows: [
          ["known to be bad", String(bad.length), landed(bad)],
          ["their good twins", String(good.length), landed(good)],
        ],
        notes: ["Targets: 0 bad ones, of 60 or more in 12 families or more; every good one."],
      },
    ],
    numbers: tried,
  };
}
