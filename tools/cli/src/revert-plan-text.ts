/** The plan of a revert as lines for the terminal. */

/** As `GET /v1/patches/:id/revert-plan` answers it. */
export interface RevertPlan {
  readonly patch: string;
  readonly needsPerson: boolean;
  readonly patches: readonly string[];
  readonly branches: readonly {
    readonly branch: string;
    readonly plan: {
      readonly kind: string;
      readonly reason?: string;
      readonly steps?: readonly {
        readonly commit: string;
        readonly patchId?: string;
        readonly title: string;
        readonly author: string;
        readonly because: string;
      }[];
    };
    readonly hunks: readonly {
      readonly path: string;
      readonly ours: string;
      readonly theirs: string;
    }[];
  }[];
}

const said: Readonly<Record<string, string>> = {
  alone: "goes by itself",
  together: "goes only with others, in this order",
  "by-hand": "needs a person",
  "already-reverted": "is taken back already",
  "not-landed": "is not on it",
};

export function planText({ patch, needsPerson, patches, branches }: RevertPlan): string {
  const lines = branches.flatMap(({ branch, plan, hunks }) => [
    `${shown(branch)}: ${patch} ${said[plan.kind] ?? shown(plan.kind)}${plan.reason === undefined ? "" : `: ${shown(plan.reason)}`}`,
    ...(plan.steps ?? []).map(
      ({ commit, patchId, title, author, because }) =>
        `  ${commit.slice(0, 12)}  ${patchId ?? "no patch"}  ${shown(title)} (${shown(author)}): ${shown(because)}`,
    ),
    ...hunks.flatMap(({ path, ours, theirs }) => [
      `  in ${shown(path)}`,
      ...block("now", ours),
      ...block("the revert would put", theirs),
    ]),
  ]);
  const next = needsPerson
    ? `\nAsk for each rollback once the one before is reverted: ${patches.join(", ")}`
    : `\nOne rollback does it: ${patches.join(", ")}`;
  return `${lines.join("\n")}\n${next}\n`;
}

function block(name: string, text: string): string[] {
  const lines = text === "" ? ["(nothing)"] : text.replace(/\n$/, "").split("\n");
  return [`    ${name}:`, ...lines.map((line) => `      ${shown(line)}`)];
}

/** What a patch holds is never given to the terminal as orders. */
const shown = (text: string) => text.replaceAll(/[\p{Cc}\p{Cf}]/gu, "\u00b7");
