/** What a forge is told of a patch: made from the state alone, so the same state gives the same report. */
import { type Finding, type PatchState, sentence, type Vote } from "@council/domain";
import { type Annotation, quoted, type Report, type ReportStatus } from "@council/forge";

const mostAnnotations = 500;
const mostLines = 50;

/** Undefined for a patch that no forge proposed. */
export function patchReport(state: PatchState): Report | undefined {
  const { id, head } = state.patch;
  if (head === undefined) return undefined;
  const { status, title } = standing(state);
  const notice = noticeOf(state);
  return {
    patchId: id,
    head,
    status,
    title,
    summary: summaryOf(state),
    annotations: annotationsOf(state.votes),
    // A later patch of the same change has the word there.
    isNewest: state.kind !== "superseded",
    ...(notice === undefined ? {} : { notice }),
  };
}

function standing(state: PatchState): { status: ReportStatus; title: string } {
  const on = state.landings.at(-1)?.branch;
  switch (state.kind) {
    case "submitted":
    case "rendering":
    case "comparing":
      return { status: "running", title: "looks at the change" };
    case "auditing":
      return { status: "running", title: "audits the change" };
    case "held":
      return { status: "waiting", title: heldBecause[state.reason.kind] };
    case "landing":
      // The verdict is reached: a branch protection that waits for this check must let the merge pass.
      return { status: "success", title: "approved, to be landed" };
    case "watching":
      return { status: "success", title: `landed on ${on}, being watched` };
    case "settled":
      return { status: "success", title: `landed on ${on}` };
    case "reverting":
      return { status: "failure", title: "is being taken back" };
    case "reverted":
      return { status: "failure", title: "taken back" };
    case "revert-blocked":
      return { status: "failure", title: "cannot be taken back without a person" };
    case "rejected":
      return { status: "failure", title: "rejected" };
    case "failed":
      return { status: "failure", title: "did not land" };
    case "superseded":
      return { status: "neutral", title: "superseded by a later head" };
    case "withdrawn":
      return { status: "neutral", title: "withdrawn" };
  }
}

const heldBecause = {
  undecided: "held: the heads did not decide, a person must",
  budget: "held: heads are out of budget",
  autonomy: "held: a person must approve",
  stopped: "held: it is stopped",
  frozen: "held: landings are frozen",
  limited: "held: its author has to wait",
  inconclusive: "held: too little was measured",
  suspected: "held: harm is being traced to one of the live patches",
  paused: "held: landings are paused",
} as const satisfies Record<string, string>;

function summaryOf(state: PatchState): string {
  const reason = reasonOf(state);
  const votes = state.votes.map(
    ({ head, verdict, findings }) => `| ${head} | ${verdict} | ${findings.length} |`,
  );
  const table = ["| Head | Vote | Findings |", "| --- | --- | --- |", ...votes].join("\n");
  const lines = [
    ...state.landings.map(({ branch, commit }) => `- landed on ${quoted(branch)} as ${commit}`),
    ...state.reverts.map(({ branch, commit }) => `- taken off ${quoted(branch)} by ${commit}`),
  ];
  const found = state.votes.flatMap(({ findings }) => findings).map(findingLine);
  const more = found.length > mostLines ? [`- and ${found.length - mostLines} more`] : [];
  return [
    ...(reason === undefined ? [] : [quoted(reason, 1000)]),
    ...(votes.length === 0 ? [] : [table]),
    ...(found.length === 0 ? [] : [[...found.slice(0, mostLines), ...more].join("\n")]),
    ...(lines.length === 0 ? [] : [lines.join("\n")]),
    ...(reason === undefined && votes.length + lines.length === 0 ? ["Nothing to say yet."] : []),
  ].join("\n\n");
}

function reasonOf(state: PatchState): string | undefined {
  switch (state.kind) {
    case "rejected":
    case "failed":
    case "revert-blocked":
      return state.reason;
    case "reverting":
    case "reverted":
      return state.cause && sentence(state.cause);
    case "held":
      return "detail" in state.reason ? state.reason.detail : undefined;
    default:
      return undefined;
  }
}

function findingLine({ ruleId, path, line, message }: Finding): string {
  const place = path === undefined ? "" : ` at ${quoted(line ? `${path}:${line}` : path)}`;
  return `- ${quoted(ruleId, 100)}${place}: ${quoted(message)}`;
}

const levels = {
  info: "notice",
  question: "warning",
  warning: "warning",
  error: "failure",
} as const;

/** In the order of votes and findings, which does not change once they are known. */
function annotationsOf(votes: readonly Vote[]): Annotation[] {
  return votes
    .flatMap(({ head, findings }) => findings.map((finding) => ({ head, ...finding })))
    .flatMap(({ head, path, line, severity, ruleId, message, remedy }): Annotation[] => {
      if (path === undefined || path === "" || path.startsWith("/")) return [];
      const text = remedy === undefined ? message : `${message}\n${remedy}`;
      const title = `${head}: ${ruleId}`;
      return [
        { path, line: Math.max(1, line ?? 1), level: levels[severity], title, message: text },
      ];
    })
    .slice(0, mostAnnotations);
}

/** A revert must not be overlooked: an edited comment notifies nobody, so it gets one of its own. */
function noticeOf(state: PatchState): string | undefined {
  if (state.kind !== "reverted" && state.kind !== "revert-blocked") return undefined;
  const cause = state.cause ? `\n\n${quoted(sentence(state.cause), 1000)}` : "";
  if (state.kind === "reverted") {
    const where = state.reverts.map(({ branch, commit }) => `- ${quoted(branch)}: ${commit}`);
    return [`**Council took this change back.**${cause}`, where.join("\n")].join("\n\n");
  }
  const paths = [...new Set(state.hunks.map(({ path }) => path))].slice(0, 20);
  const hunks = paths.map((path) => `- ${quoted(path)}`).join("\n");
  return `**Council could not take this change back: a person must.**${cause}\n\n${hunks}`;
}
