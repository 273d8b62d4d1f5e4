/** GitLab, by REST API: a commit status and one note edited in place. */
import type { ForgeConfig } from "@council/contracts";
import { byOurUser, sayReport } from "./comments.ts";
import { ForgeError } from "./forge-error.ts";
import {
  type Change,
  type Forge,
  type Label,
  maxOpenChanges,
  type MergeOutcome,
  type MergeRequest,
  type Report,
  type Role,
} from "./forge.ts";
import { allPages, type ForgeHttp, forgeHttp } from "./forge-http.ts";
import { checkName } from "./github-checks.ts";
import { attribute } from "./labels.ts";
import { fieldsOf, numberIn, textIn, textOr, timeIn } from "./read-fields.ts";
import { readSecret } from "./read-secret.ts";

const mostEvents = 2000;

export function gitlabForge(config: Extract<ForgeConfig, { kind: "gitlab" }>): Forge {
  const headers = async () => ({ "private-token": await readSecret(config.auth.tokenFile) });
  const http = forgeHttp({ apiUrl: config.apiUrl, headers });
  const project = `/projects/${encodeURIComponent(config.project)}`;
  const change = (number: number) => `${project}/merge_requests/${number}`;
  const isOurs = byOurUser(http, "author");
  return {
    kind: config.kind,
    project: config.project,
    isMerging: config.merge === "forge",
    readChange: async (number) =>
      changeOf((await http({ method: "GET", path: change(number) })).body),
    readLabels: (number) => readLabels(http, project, change(number)),
    listOpen: async () => {
      const call = { path: `${project}/merge_requests`, query: { state: "opened" } };
      return (await allPages(http, call, { most: maxOpenChanges })).map(changeOf);
    },
    report: async (number, report) => {
      await postStatus(http, project, report);
      const path = `${change(number)}/notes`;
      const edit = { method: "PUT", pathOf: (id: number) => `${path}/${id}` } as const;
      await sayReport({ http, path, edit, isOurs }, report);
    },
    merge: (number, request) => merge(http, change(number), request),
  };
}

function changeOf(body: unknown): Change {
  const fields = fieldsOf(body);
  const { state } = fields;
  return {
    number: numberIn(fields, "iid"),
    // While GitLab merges, nobody else can: `locked`.
    state: state === "merged" ? "merged" : state === "closed" ? "closed" : "open",
    head: textIn(fields, "sha"),
    targetBranch: textIn(fields, "target_branch"),
    title: textIn(fields, "title"),
    author: textOr(fieldsOf(fields["author"]), "username", "unknown"),
    updatedAt: timeIn(fields, "updated_at"),
  };
}

const states = {
  running: "running",
  success: "success",
  failure: "failed",
  waiting: "pending",
  neutral: "canceled",
} as const;

/** GitLab knows no way back from `running` to `pending`: it says so, and the older state stays. */
async function postStatus(http: ForgeHttp, project: string, report: Report): Promise<void> {
  const { head, status, title } = report;
  const [state, description] = [states[status], title.slice(0, 255)];
  const listing = `${project}/repository/commits/${head}/statuses`;
  const query = { name: checkName };
  const found = (await allPages(http, { path: listing, query }, { most: 100 })).map(fieldsOf);
  const isSaid = found.some(
    (each) =>
      each["name"] === checkName &&
      each["status"] === state &&
      (each["description"] === description || state === "running"),
  );
  if (isSaid) return;
  const reply = await http({
    method: "POST",
    path: `${project}/statuses/${head}`,
    body: { state, description, name: checkName },
    answers: [400],
  });
  const said = JSON.stringify(reply.body ?? "");
  if (reply.status === 400 && !/cannot transition status/i.test(said))
    throw new ForgeError("refused", `the status of ${head}: ${said.slice(0, 300)}`);
}

async function readLabels(http: ForgeHttp, project: string, change: string): Promise<Label[]> {
  const { body } = await http({ method: "GET", path: change });
  const present = fieldsOf(body)["labels"];
  const names = Array.isArray(present) ? present.filter((name) => typeof name === "string") : [];
  const path = `${change}/resource_label_events`;
  const events = await allPages(http, { path }, { most: mostEvents });
  const setters = new Map<string, string>();
  for (const event of events.map(fieldsOf)) {
    if (event["action"] !== "add") continue;
    const { id } = fieldsOf(event["user"]);
    const name = textOr(fieldsOf(event["label"]), "name", "");
    setters.set(name, typeof id === "number" ? String(id) : "");
  }
  const known = events.length < mostEvents ? setters : undefined;
  return await attribute(names, known, (userId) => roleOf(http, project, userId));
}

/** By access level, inherited ones included; below reporter nobody can label. */
async function roleOf(http: ForgeHttp, project: string, userId: string): Promise<Role> {
  const path = `${project}/members/all/${userId}`;
  const { status, body } = await http({ method: "GET", path, answers: [404] });
  const { access_level: level } = fieldsOf(body);
  if (status === 404 || typeof level !== "number") return "none";
  if (level >= 50) return "admin";
  if (level >= 40) return "maintain";
  if (level >= 30) return "write";
  if (level >= 20) return "triage";
  return level >= 10 ? "read" : "none";
}

/**
 * Squashes the audited head, and says nothing about the base. Where the project makes merge commits, the
 * message is theirs too, so that the newest commit with the trailers is the one on the branch.
 */
async function merge(
  http: ForgeHttp,
  change: string,
  { head, title, message }: MergeRequest,
): Promise<MergeOutcome> {
  const text = `${title}\n\n${message}`;
  const { status, body } = await http({
    method: "PUT",
    path: `${change}/merge`,
    body: {
      sha: head,
      squash: true,
      squash_commit_message: text,
      merge_commit_message: text,
      should_remove_source_branch: false,
    },
    answers: [405, 406, 409, 422],
  });
  const fields = fieldsOf(body);
  if (status < 300) {
    if (fields["state"] !== "merged")
      throw new ForgeError("unreachable", "GitLab has not merged the change yet");
    const commit = fields["merge_commit_sha"] ?? fields["squash_commit_sha"] ?? fields["sha"];
    return { kind: "merged", commit: textIn({ commit }, "commit") };
  }
  if (status === 409) return { kind: "head-moved" };
  const said = textOr(fields, "message", "no reason given").slice(0, 300);
  return { kind: "refused", reason: `GitLab does not merge it: ${said}` };
}
