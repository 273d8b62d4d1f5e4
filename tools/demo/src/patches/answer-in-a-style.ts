import type { DemoPatch } from "./demo-patch.ts";
import { replaceOnce } from "./demo-patch.ts";

const styleModule = `/** Puts an answer into the style that was asked for. */
export function inStyle(answer, question, style) {
  if (style === undefined) return answer;
  if (style === "sentence") {
    const subject = question.replace(/^(what|which|who)\\s+(is|are|was|were)\\s+/i, "");
    const stripped = subject.replace(/[?!.\\s]+$/, "");
    const start = stripped.charAt(0).toUpperCase() + stripped.slice(1);
    return \`\${start} is \${answer}.\`;
  }
  if (style === "shout") {
    return \`\${answer.toUpperCase()}!\`;
  }
  if (style === "quiz") {
    const first = answer.charAt(0);
    const rest = answer.slice(1).replace(/\\S/g, "_");
    return \`\${question} \${first}\${rest}\`;
  }
  if (style === "spelled") {
    const letters = [];
    for (const letter of answer) {
      if (letter === " ") letters.push("(space)");
      else letters.push(letter.toUpperCase());
    }
    return letters.join("-");
  }
  if (style === "markdown") {
    const lines = [\`> \${question}\`, "", \`**\${answer}**\`];
    return lines.join("\\n");
  }
  throw new RangeError(\`no style is called \${style}\`);
}
`;

/** Works, but almost nothing of it is tested. */
export const answerInAStyle: DemoPatch = {
  key: "coverage",
  title: "Answer in a chosen style",
  author: "dan",
  flaw: "brings a module of which the tests run two lines",
  ending: { kind: "reverted", metric: "coverage", stage: "canary" },
  edits: [
    { path: "src/style.js", edit: () => styleModule },
    {
      path: "src/answer.js",
      edit: (before) =>
        [
          [`import { search } from "./search.js";\n`, `import { search } from "./search.js";\n`],
          [
            `import { load } from "./store.js";\n`,
            `import { load } from "./store.js";\nimport { inStyle } from "./style.js";\n`,
          ],
          ["answer(question) {", "answer(question, style) {"],
          [
            `best?.answer ?? "I do not know"`,
            `inStyle(best?.answer ?? "I do not know", question, style)`,
          ],
        ].reduce((text, [from = "", to = ""]) => replaceOnce(text, from, to), before),
    },
    {
      path: "src/server.js",
      edit: (before) =>
        replaceOnce(
          before,
          "    return reply(response, 200, await answer(question));\n",
          [
            `    const style = url.searchParams.get("style") ?? undefined;`,
            "    return reply(response, 200, await answer(question, style));",
            "",
          ].join("\n"),
        ),
    },
  ],
};
