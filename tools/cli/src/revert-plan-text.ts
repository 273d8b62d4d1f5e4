/** The plan of a revert as lines for the terminal. */
import type { RevertPlanAnswer } from "@council/contracts";

const said: Readonly<Record<string, string>> = {
  alone: "goes by itself",
  together: "goes only with others, in this order",
  "by-hand": "needs a person",
  "already-reverted": "is taken back already",
  "not-landed": "is not on it",
};

export function planText({ patch, needsPerson, patches, branches }: RevertPlanAnswer): string {
  const lines = branches.flatMap(({ branch, plan, hunks }) => [
    `${shown(branch)}: ${patch} ${said[plan.kind] ?? shown(plan.kind)}${"reason" in plan ? `: ${shown(plan.reason)}` : ""}`,
    ...("steps" in plan ? plan.steps : []).map(
      ({ commit, patchId, title, author, because }) =>
        `  ${commit.slice(0, 12)}  ${patchId ?? "no patch"}  ${shown(title)} (${shown(author)}): ${shown(because)}`,
    ),
    ...hunks.flatMap(({ path, ours, theirs }) => [
      `  in ${shown(path)}`,
      ...block("now", ours),
      ...block("the revert would put", theirs),
    ]),
  ]);
  const byHand = branches.some(({ plan }) => plan.kind === "by-hand");
  const next = needsPerson
    ? byHand
      ? `\nA person has to work out what is in the way; then, in this order: ${patches.join(", ")}`
      : `\nTogether, newest first: council rollback ${patch} '…' --with-dependents (${patches.join(", ")})`
    : `\nOne rollback does it: ${patches.join(", ")}`;
  return `${lines.join("\n")}\n${next}\n`;
}

function block(name: string, text: string): string[] {
  const lines = text === "" ? ["(nothing)"] : text.replace(/\n$/, "").split("\n");
  return [`    ${name}:`, ...lines.map((line) => `      ${shown(line)}`)];
}

/** What a patch holds is never given to the terminal as orders. */
const shown = (text: string) => text.replaceAll(/[\p{Cc}\p{Cf}]/gu, "\u00b7");
