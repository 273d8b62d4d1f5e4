import type { DemoPatch } from "./demo-patch.ts";
import { replaceOnce } from "./demo-patch.ts";

const loadEnough = `/** Loads passages, best first, until there is enough text to answer from. */
async function loadEnough(ids, enoughCharacters = 400) {
  const found = [];
  let characters = 0;
  while (found.length < ids.length && characters < enoughCharacters) {
    const passage = await load(ids[found.length]);
    characters += passage.text.length;
    found.push(passage);
  }
  return found;
}

`;

/** Reads like a saving; in truth one round trip after the other where there was one. */
export const loadOnlyWhatIsNeeded: DemoPatch = {
  key: "latency",
  title: "Load no more passages than needed",
  author: "bob",
  flaw: "loads passages one after the other instead of at once",
  ending: { kind: "reverted", metric: "latency", stage: "canary" },
  edits: [
    {
      path: "src/answer.js",
      edit: (before) => {
        const calling = replaceOnce(
          before,
          "await Promise.all(search(question).map((id) => load(id)))",
          "await loadEnough(search(question))",
        );
        return replaceOnce(
          calling,
          "/** Answers a question",
          `${loadEnough}/** Answers a question`,
        );
      },
    },
  ],
};
