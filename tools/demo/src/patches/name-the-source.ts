import type { DemoPatch } from "./demo-patch.ts";
import { replaceOnce } from "./demo-patch.ts";

/** The good one. Rendered twice: from this recording, and by the agent in `agent.mjs`. */
export const nameTheSource: DemoPatch = {
  key: "good",
  title: "Name the passage an answer comes from",
  author: "ada",
  instructions:
    "The reply of answer() gets a field `source`: the id of the passage the answer was taken from, " +
    "or null when there is none. Cover both cases with tests.",
  flaw: "none",
  ending: { kind: "settled" },
  edits: [
    {
      path: "src/answer.js",
      edit: (before) =>
        replaceOnce(
          before,
          `  return { answer: best?.answer ?? "I do not know", costMicroUsd: priceOf(prompt) };\n`,
          [
            "  return {",
            `    answer: best?.answer ?? "I do not know",`,
            "    source: best?.id ?? null,",
            "    costMicroUsd: priceOf(prompt),",
            "  };",
            "",
          ].join("\n"),
        ),
    },
    {
      path: "test/answer.test.js",
      edit: (before) => `${before}
test("names the passage it answers from", async () => {
  assert.equal((await answer("What is the capital of Spain?")).source, "capital-spain");
  assert.equal((await answer("Who painted this?")).source, null);
});
`,
    },
  ],
};
