import type { Annotation, Report, ReportStatus } from "./forge.ts";
import { allPages, type ForgeHttp } from "./forge-http.ts";
import { fieldsOf, numberIn } from "./read-fields.ts";

/** The name of the check run and the context of the status; branch protection asks for it. */
export const checkName = "Council";

/** GitHub takes this many per request and appends those of later ones. */
const annotationsPerCall = 50;
const longestText = 65_000;
const longestDescription = 140;

const conclusions: Readonly<Record<Exclude<ReportStatus, "running">, string>> = {
  success: "success",
  failure: "failure",
  waiting: "action_required",
  neutral: "neutral",
};

const states: Readonly<Record<ReportStatus, string>> = {
  running: "pending",
  success: "success",
  failure: "failure",
  waiting: "pending",
  neutral: "success",
};

/**
 * The check run of a patch: found by its external id, made when there is none. GitHub appends
 * annotations, so only those it does not count yet are sent.
 */
export async function postCheckRun(http: ForgeHttp, repo: string, report: Report): Promise<void> {
  const found = await findCheckRun(http, repo, report);
  const rest = report.annotations.slice(found?.annotations ?? 0);
  const first = rest.slice(0, annotationsPerCall);
  let id = found?.id;
  if (id === undefined) {
    const body = { name: checkName, head_sha: report.head, ...runBody(report, first) };
    const made = await http({ method: "POST", path: `${repo}/check-runs`, body });
    id = numberIn(fieldsOf(made.body), "id");
  } else await update(http, repo, { id, report, annotations: first });
  for (let from = annotationsPerCall; from < rest.length; from += annotationsPerCall) {
    const annotations = rest.slice(from, from + annotationsPerCall);
    await update(http, repo, { id, report, annotations });
  }
}

async function findCheckRun(
  http: ForgeHttp,
  repo: string,
  { head, patchId }: Report,
): Promise<{ id: number; annotations: number } | undefined> {
  const query = { check_name: checkName, filter: "all" };
  const itemsOf = (body: unknown) => {
    const runs = fieldsOf(body)["check_runs"];
    return Array.isArray(runs) ? (runs as unknown[]) : [];
  };
  const path = `${repo}/commits/${head}/check-runs`;
  const runs = await allPages(http, { path, query }, { most: 1000, itemsOf });
  const own = runs.map(fieldsOf).find((run) => run["external_id"] === patchId);
  if (own === undefined) return undefined;
  const annotations = Number(fieldsOf(own["output"])["annotations_count"] ?? 0);
  return { id: numberIn(own, "id"), annotations };
}

async function update(
  http: ForgeHttp,
  repo: string,
  given: { id: number; report: Report; annotations: readonly Annotation[] },
): Promise<void> {
  const path = `${repo}/check-runs/${given.id}`;
  await http({ method: "PATCH", path, body: runBody(given.report, given.annotations) });
}

function runBody(report: Report, annotations: readonly Annotation[]) {
  const { patchId, status, title, summary } = report;
  return {
    external_id: patchId,
    ...(status === "running"
      ? { status: "in_progress" }
      : { status: "completed", conclusion: conclusions[status] }),
    output: {
      title,
      summary: summary.slice(0, longestText),
      ...(annotations.length === 0 ? {} : { annotations: annotations.map(annotationBody) }),
    },
  };
}

const annotationBody = ({ path, line, level, title, message }: Annotation) => ({
  path,
  start_line: line,
  end_line: line,
  annotation_level: level,
  title: title.slice(0, 255),
  message: message.slice(0, 4000),
});

/** What a token may write: the status of the commit. The newest of a context counts. */
export async function postStatus(http: ForgeHttp, repo: string, report: Report): Promise<void> {
  const { head, status, title } = report;
  const description = title.slice(0, longestDescription);
  const state = states[status];
  const path = `${repo}/commits/${head}/statuses`;
  const found = (await allPages(http, { path }, { most: 1000 })).map(fieldsOf);
  const newest = found.find((each) => each["context"] === checkName);
  if (newest?.["state"] === state && newest["description"] === description) return;
  const body = { state, description, context: checkName };
  await http({ method: "POST", path: `${repo}/statuses/${head}`, body });
}
