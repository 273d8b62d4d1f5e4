/** GitHub, by REST API: check runs as an app, commit statuses with a token, one comment edited in place. */
import type { ForgeConfig } from "@council/contracts";
import { byOurUser, issueComments, sayReport } from "./comments.ts";
import { ForgeError } from "./forge-error.ts";
import {
  type Change,
  type Forge,
  type Label,
  maxOpenChanges,
  type MergeOutcome,
  type MergeRequest,
  type Role,
  roles,
} from "./forge.ts";
import { allPages, type ForgeHttp, forgeHttp } from "./forge-http.ts";
import { githubAuth, type GithubAuth } from "./github-auth.ts";
import { postCheckRun, postStatus } from "./github-checks.ts";
import { attribute } from "./labels.ts";
import { fieldsOf, numberIn, textIn, textOr, timeIn } from "./read-fields.ts";

const mostEvents = 2000;
/** Another try helps: the base is then seen to have moved, or Council's own check to have arrived. */
const isPassing =
  /base branch was modified|required status check "Council" is (expected|in progress|pending|queued)/i;

export function githubForge(config: Extract<ForgeConfig, { kind: "github" }>): Forge {
  const auth = githubAuth(config);
  const http = forgeHttp({ apiUrl: config.apiUrl, headers: auth.headers });
  const repo = `/repos/${config.project}`;
  const isOurs = ownership(http, auth);
  return {
    kind: config.kind,
    project: config.project,
    isMerging: config.merge === "forge",
    readChange: async (number) =>
      pullOf((await http({ method: "GET", path: `${repo}/pulls/${number}` })).body),
    readLabels: (number) => readLabels(http, repo, number),
    listOpen: async () => {
      const query = { state: "open", sort: "created", direction: "desc" };
      const found = await allPages(
        http,
        { path: `${repo}/pulls`, query },
        { most: maxOpenChanges },
      );
      return found.map(pullOf);
    },
    report: async (number, report) => {
      if (auth.kind === "app") await postCheckRun(http, repo, report);
      else await postStatus(http, repo, report);
      await sayReport({ http, ...issueComments(repo, number), isOurs }, report);
    },
    merge: (number, request) => merge(http, repo, number, request),
  };
}

/** A pull request as GitHub and Gitea show it. */
export function pullOf(body: unknown): Change {
  const pull = fieldsOf(body);
  const isMerged = pull["merged"] === true || typeof pull["merged_at"] === "string";
  return {
    number: numberIn(pull, "number"),
    state: isMerged ? "merged" : pull["state"] === "open" ? "open" : "closed",
    head: textIn(fieldsOf(pull["head"]), "sha"),
    targetBranch: textIn(fieldsOf(pull["base"]), "ref"),
    title: textIn(pull, "title"),
    author: textOr(fieldsOf(pull["user"]), "login", "unknown"),
    updatedAt: timeIn(pull, "updated_at"),
  };
}

/** A label is worth as much as whoever set it last; the change itself does not say who that was. */
async function readLabels(http: ForgeHttp, repo: string, number: number): Promise<Label[]> {
  const path = `${repo}/issues/${number}`;
  const pages = (what: string, most: number) =>
    allPages(http, { path: `${path}/${what}` }, { most });
  const [present, events] = [await pages("labels", 100), await pages("events", mostEvents)];
  const setters = new Map<string, string>();
  for (const event of events.map(fieldsOf)) {
    if (event["event"] !== "labeled") continue;
    const [name, login] = [fieldsOf(event["label"])["name"], fieldsOf(event["actor"])["login"]];
    if (typeof name === "string") setters.set(name, typeof login === "string" ? login : "");
  }
  const names = present.map((label) => textIn(fieldsOf(label), "name"));
  const known = events.length < mostEvents ? setters : undefined;
  return await attribute(names, known, (login) => roleOf(http, repo, login));
}

async function roleOf(http: ForgeHttp, repo: string, login: string): Promise<Role> {
  const path = `${repo}/collaborators/${encodeURIComponent(login)}/permission`;
  const { status, body } = await http({ method: "GET", path, answers: [404] });
  if (status === 404) return "none";
  const { role_name: named, permission } = fieldsOf(body);
  // A role of the organisation's own making has a name of its own and one of the usual permissions.
  return (
    roles.find((role) => role === named) ?? roles.find((role) => role === permission) ?? "none"
  );
}

/** Tells Council's comments from those that only begin like one. */
function ownership(http: ForgeHttp, auth: GithubAuth): (comment: unknown) => Promise<boolean> {
  if (auth.kind === "token") return byOurUser(http);
  return async (comment) =>
    fieldsOf(fieldsOf(comment)["performed_via_github_app"])["id"] === auth.appId;
}

/**
 * Squashes the change into its target, if its head is still the audited one. GitHub guards the head and
 * not the base: what the merge made of it is read from git afterwards (P9).
 */
async function merge(
  http: ForgeHttp,
  repo: string,
  number: number,
  { head, title, message }: MergeRequest,
): Promise<MergeOutcome> {
  const { status, body } = await http({
    method: "PUT",
    path: `${repo}/pulls/${number}/merge`,
    body: { sha: head, merge_method: "squash", commit_title: title, commit_message: message },
    answers: [405, 409, 422],
  });
  const fields = fieldsOf(body);
  if (status < 300 && fields["merged"] === true)
    return { kind: "merged", commit: textIn(fields, "sha") };
  if (status === 409) return { kind: "head-moved" };
  const said = textOr(fields, "message", "no reason given").slice(0, 300);
  if (status === 405 && isPassing.test(said)) throw new ForgeError("unreachable", said);
  return { kind: "refused", reason: `GitHub does not merge it: ${said}` };
}
