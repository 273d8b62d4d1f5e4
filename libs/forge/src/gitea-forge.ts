/** Gitea and Forgejo, by REST API: a commit status and one comment edited in place. */
import type { ForgeConfig } from "@council/contracts";
import { byOurUser, issueComments, sayReport } from "./comments.ts";
import {
  type Forge,
  type Label,
  maxOpenChanges,
  type MergeOutcome,
  type MergeRequest,
  type Report,
  type Role,
  roles,
} from "./forge.ts";
import { allPages, type ForgeHttp, forgeHttp } from "./forge-http.ts";
import { checkName } from "./github-checks.ts";
import { pullOf } from "./github-forge.ts";
import { attribute } from "./labels.ts";
import { fieldsOf, textIn, textOr } from "./read-fields.ts";
import { readSecret } from "./read-secret.ts";

const mostEvents = 2000;

export function giteaForge(config: Extract<ForgeConfig, { kind: "gitea" }>): Forge {
  const headers = async () => ({
    authorization: `token ${await readSecret(config.auth.tokenFile)}`,
  });
  const http = forgeHttp({ apiUrl: config.apiUrl, headers });
  const repo = `/repos/${config.project}`;
  const isOurs = byOurUser(http);
  return {
    kind: config.kind,
    project: config.project,
    isMerging: config.merge === "forge",
    readChange: async (number) =>
      pullOf((await http({ method: "GET", path: `${repo}/pulls/${number}` })).body),
    readLabels: (number) => readLabels(http, repo, number),
    listOpen: async () => {
      const call = { path: `${repo}/pulls`, query: { state: "open" } };
      return (await allPages(http, call, { most: maxOpenChanges })).map(pullOf);
    },
    report: async (number, report) => {
      await postStatus(http, repo, report);
      await sayReport({ http, ...issueComments(repo, number), isOurs }, report);
    },
    merge: (number, request) => merge(http, repo, number, request),
  };
}

const states = {
  running: "pending",
  success: "success",
  failure: "failure",
  waiting: "pending",
  neutral: "warning",
} as const;

async function postStatus(http: ForgeHttp, repo: string, report: Report): Promise<void> {
  const { head, status, title } = report;
  const [state, description] = [states[status], title.slice(0, 140)];
  const path = `${repo}/commits/${head}/statuses`;
  const query = { sort: "recentupdate" };
  const found = (await allPages(http, { path, query }, { most: 1000 })).map(fieldsOf);
  const newest = found.find((each) => each["context"] === checkName);
  // What is sent as `state` is read back as `status`.
  if (newest?.["status"] === state && newest["description"] === description) return;
  const body = { state, description, context: checkName };
  await http({ method: "POST", path: `${repo}/statuses/${head}`, body });
}

async function readLabels(http: ForgeHttp, repo: string, number: number): Promise<Label[]> {
  const path = `${repo}/issues/${number}`;
  const { body } = await http({ method: "GET", path });
  const present = fieldsOf(body)["labels"];
  const timeline = await allPages(http, { path: `${path}/timeline` }, { most: mostEvents });
  const setters = new Map<string, string>();
  for (const event of timeline.map(fieldsOf)) {
    // The body of a label's event is "1" when it was set and empty when it was taken away.
    if (event["type"] !== "label" || event["body"] !== "1") continue;
    const name = textOr(fieldsOf(event["label"]), "name", "");
    setters.set(name, textOr(fieldsOf(event["user"]), "login", ""));
  }
  const named = Array.isArray(present) ? (present as unknown[]) : [];
  const names = named.map((label) => textIn(fieldsOf(label), "name"));
  const known = timeline.length < mostEvents ? setters : undefined;
  return await attribute(names, known, (login) => roleOf(http, repo, login));
}

async function roleOf(http: ForgeHttp, repo: string, login: string): Promise<Role> {
  const path = `${repo}/collaborators/${encodeURIComponent(login)}/permission`;
  const { status, body } = await http({ method: "GET", path, answers: [404] });
  const permission = status === 404 ? "none" : fieldsOf(body)["permission"];
  return permission === "owner" ? "admin" : (roles.find((role) => role === permission) ?? "none");
}

/** As GitHub's: squashes the audited head, and says nothing about the base. */
async function merge(
  http: ForgeHttp,
  repo: string,
  number: number,
  { head, title, message }: MergeRequest,
): Promise<MergeOutcome> {
  const path = `${repo}/pulls/${number}`;
  const { status, body } = await http({
    method: "POST",
    path: `${path}/merge`,
    body: {
      Do: "squash",
      head_commit_id: head,
      MergeTitleField: title,
      MergeMessageField: message,
    },
    answers: [405, 409, 422],
  });
  if (status < 300) {
    const { body: pull } = await http({ method: "GET", path });
    return { kind: "merged", commit: textIn(fieldsOf(pull), "merge_commit_sha") };
  }
  if (status === 409) return { kind: "head-moved" };
  const said = textOr(fieldsOf(body), "message", "no reason given").slice(0, 300);
  return { kind: "refused", reason: `the forge does not merge it: ${said}` };
}
