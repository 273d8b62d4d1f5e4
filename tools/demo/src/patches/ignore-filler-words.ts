import type { DemoPatch } from "./demo-patch.ts";
import { replaceOnce } from "./demo-patch.ts";

/** Right for every question the tests ask; but `K` and `Fe` are short words too. */
export const ignoreFillerWords: DemoPatch = {
  key: "accuracy",
  title: "Ignore filler words in questions",
  author: "carol",
  flaw: "throws away short words, and with them the symbols of the elements",
  ending: { kind: "reverted", metric: "accuracy", stage: "canary" },
  edits: [
    {
      path: "src/search.js",
      edit: (before) =>
        replaceOnce(
          replaceOnce(
            before,
            "/** The ids of the passages",
            "const isTelling = (word) => word.length > 2;\n\n/** The ids of the passages",
          ),
          "new Set(words(question))",
          "new Set(words(question).filter(isTelling))",
        ),
    },
    {
      path: "test/search.test.js",
      edit: (before) => `${before}
test("filler words do not count", () => {
  assert.equal(search("is it so that Oslo is a capital of ours?")[0], "capital-norway");
  assert.deepEqual(search("is it of"), []);
});
`,
    },
  ],
};
