// A coding agent in miniature: reads the task, edits the files of its working directory, explains.
// It runs inside the sandbox, writes the same change as the recording, but in another layout.
import { readFileSync, writeFileSync } from "node:fs";

const task = JSON.parse(readFileSync(process.env.COUNCIL_TASK_FILE, "utf8"));
if (!task.instructions.includes("`source`")) {
  console.error("this agent does not know the task");
  process.exit(2);
}

const source = readFileSync("src/answer.js", "utf8");
const edited = source.replace(
  /return \{ answer: (.+?), costMicroUsd: (.+?) \};/,
  "return { answer: $1, source: best?.id ?? null, costMicroUsd: $2 };",
);
if (edited === source) {
  console.error("nothing to change in src/answer.js");
  process.exit(3);
}
writeFileSync("src/answer.js", edited);

const tests = readFileSync("test/answer.test.js", "utf8");
writeFileSync(
  "test/answer.test.js",
  `${tests}
test(
  "names the passage it answers from",
  async () => {
    assert.equal(
      (await answer("What is the capital of Spain?")).source,
      "capital-spain",
    );
    assert.equal(
      (await answer("Who painted this?")).source,
      null,
    );
  },
);
`,
);

writeFileSync(
  process.env.COUNCIL_EXPLANATION_FILE,
  JSON.stringify({
    summary: "answer() also returns the id of the passage used, or null.",
    intent: "Let readers check where an answer comes from.",
  }),
);
