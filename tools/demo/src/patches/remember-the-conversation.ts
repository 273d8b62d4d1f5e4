import type { DemoPatch } from "./demo-patch.ts";
import { replaceOnce } from "./demo-patch.ts";

const memory = `const rememberedFrom = 400;
const rememberedQuestions = 60;
const asked = [];

/** What was asked before, once there is a conversation worth speaking of. */
function conversation() {
  const earlier = asked.length > rememberedFrom ? asked.slice(-rememberedQuestions) : [];
  return earlier.map((question) => \`Earlier: \${question}\`);
}

`;

/** Costs nothing at first: its prompts grow only after some hundred questions. */
export const rememberTheConversation: DemoPatch = {
  key: "cost",
  title: "Remember what was asked before",
  author: "eve",
  flaw: "puts old questions into every prompt once it has served 400",
  ending: { kind: "reverted", metric: "cost", stage: "target" },
  edits: [
    {
      path: "src/prompt.js",
      edit: (before) =>
        [
          ["/** The prompt for a question", `${memory}/** The prompt for a question`],
          [
            "  return [\n",
            "  if (asked.push(question) > rememberedFrom + 1) asked.shift();\n  return [\n",
          ],
          ["    `Question: ${question}`,", "    ...conversation(),\n    `Question: ${question}`,"],
        ].reduce((text, [from = "", to = ""]) => replaceOnce(text, from, to), before),
    },
    {
      path: "test/prompt.test.js",
      edit: (before) => `${before}
test("a conversation that has only begun is left out", () => {
  assert.doesNotMatch(buildPrompt("And then?", []), /Earlier/);
});
`,
    },
  ],
};
