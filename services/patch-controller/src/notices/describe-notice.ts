import type { Assignment, Notice } from "@council/contracts";

/** Where the links of a notice lead. */
export interface NoticeLinks {
  readonly consoleUrl: string;
  /** Address or folder of the runbooks. */
  readonly runbooks: string;
}

const runbookOf: Readonly<Record<Notice["about"], string>> = {
  settled: "good-to-know",
  held: "held-patch",
  "vote-refused": "vote-refused",
  reverted: "rollback-fired",
  "revert-blocked": "revert-blocked",
  "rollback-overdue": "rollback-overdue",
  recovered: "good-to-know",
  "not-recovered": "not-recovered",
};

/** The notice of one `page` effect; `id` and `at` are those of the message that carried it. */
export function describeNotice(
  { patch, effect }: Assignment<"page">,
  { id, at }: { readonly id: string; readonly at: number },
  { consoleUrl, runbooks }: NoticeLinks,
): Notice {
  const { repository, targetBranch, title, author, externalId } = patch;
  const named = externalId === undefined ? {} : { externalId };
  const { level, about, text } = effect;
  const page = `#/patches/${encodeURIComponent(patch.id)}`;
  return {
    v: 1,
    id,
    type: "council.notice",
    level,
    about,
    text: text.slice(0, 10_000),
    at,
    patch: { id: patch.id, repository, targetBranch, title, author, ...named },
    links: {
      patch: `${consoleUrl.replace(/\/*$/, "/")}${page}`,
      runbook: `${runbooks.replace(/\/*$/, "")}/${runbookOf[about]}.md`,
    },
  };
}
