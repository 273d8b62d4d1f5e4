/** GitLab on loopback: the part of its REST API that Council speaks, over a real bare repository. */
import { randomBytes } from "node:crypto";
import {
  answer,
  type ForgeServer,
  pageOf,
  type RequestSeen,
  type Route,
  route,
  type ServerReply,
  startForgeServer,
} from "./forge-server.ts";
import { mergeInto, refAt, squashInto } from "./merge-in-remote.ts";

type Fields = Record<string, unknown>;

interface GitlabChange {
  readonly number: number;
  readonly branch: string;
  state: "opened" | "closed" | "locked" | "merged";
  title: string;
  /** Now, when absent. */
  updatedAt?: number;
  commit?: string;
}

interface World {
  readonly changes: Map<number, GitlabChange>;
  readonly notes: (Fields & { id: number; number: number; body: string })[];
  readonly statuses: Fields[];
  readonly labels: Map<number, { name: string; userId: number }[]>;
  /** Access level by user id. */
  readonly levels: Map<number, number>;
}

export interface GitlabServer extends ForgeServer, World {
  readonly token: string;
}

const noSuch = answer(404, { message: "404 Not found" });

/** Which states a commit status may come to from each; a finished one is followed by a new one. */
const unfinished: Record<string, readonly string[]> = {
  pending: ["running", "success", "failed", "canceled"],
  running: ["success", "failed", "canceled"],
};

export async function startGitlabServer(options: {
  readonly project: string;
  readonly gitDir: string;
  /** How the project merges. */
  readonly method: "merge" | "ff";
}): Promise<GitlabServer> {
  const world: World = {
    changes: new Map(),
    notes: [],
    statuses: [],
    labels: new Map(),
    levels: new Map(),
  };
  const token = randomBytes(20).toString("hex");
  const admit = ({ headers }: RequestSeen) =>
    headers["private-token"] === token ? undefined : answer(401, { message: "401 Unauthorized" });
  const project = `/api/v4/projects/${encodeURIComponent(options.project)}`;
  const { changes, labels, levels } = world;
  const shown = async (change: GitlabChange | undefined) =>
    change ? answer(200, await changeBody(options.gitDir, change, labels)) : noSuch;
  const server = await startForgeServer(
    [
      route("GET", "/api/v4/user", () => answer(200, { id: 1, username: "council" })),
      route("GET", `${project}/merge_requests`, async (request) => {
        const open = [...changes.values()].filter(({ state }) => state === "opened");
        const bodies = open.map((change) => changeBody(options.gitDir, change, labels));
        return answer(200, pageOf(await Promise.all(bodies), request));
      }),
      route("GET", `${project}/merge_requests/(\\d+)`, (_, [number]) =>
        shown(changes.get(Number(number))),
      ),
      route("PUT", `${project}/merge_requests/(\\d+)/merge`, ({ body }, [number]) =>
        mergeChange(options, changes.get(Number(number)), body),
      ),
      route(
        "GET",
        `${project}/merge_requests/(\\d+)/resource_label_events`,
        (request, [number]) => {
          const events = (labels.get(Number(number)) ?? []).map(({ name, userId }) => {
            return { action: "add", label: { name }, user: { id: userId } };
          });
          return answer(200, pageOf(events, request));
        },
      ),
      route("GET", `${project}/members/all/(\\d+)`, (_, [id]) => {
        const level = levels.get(Number(id));
        return level === undefined ? noSuch : answer(200, { id: Number(id), access_level: level });
      }),
      ...statusRoutes(project, world),
      ...noteRoutes(project, world),
    ],
    admit,
  );
  return { ...server, ...world, token };
}

function statusRoutes(project: string, { statuses }: World): Route[] {
  const of = (sha: string | undefined) => statuses.filter((each) => each["sha"] === sha);
  return [
    route("GET", `${project}/repository/commits/(\\w+)/statuses`, (request, [sha]) =>
      answer(200, pageOf(of(sha).slice(-1), request)),
    ),
    route("POST", `${project}/statuses/(\\w+)`, ({ body }, [sha]) => {
      const { state, ...rest } = body;
      const newest = of(sha).at(-1);
      const from = String(newest?.["status"] as string);
      const allowed = newest && unfinished[from];
      if (allowed && !allowed.includes(String(state as string)))
        return answer(400, { message: `Cannot transition status via :run from :${from}` });
      statuses.push({ ...rest, status: state, sha });
      return answer(201, statuses.at(-1));
    }),
  ];
}

function noteRoutes(project: string, { notes }: World): Route[] {
  const listing = `${project}/merge_requests/(\\d+)/notes`;
  return [
    route("GET", listing, (request, [number]) =>
      answer(
        200,
        pageOf(
          notes.filter((note) => note.number === Number(number)),
          request,
        ),
      ),
    ),
    route("POST", listing, ({ body }, [number]) => {
      const text = String(body["body"] as string);
      const note = { id: notes.length + 1, number: Number(number), body: text };
      notes.push({ ...note, author: { id: 1 } });
      return answer(201, notes.at(-1));
    }),
    route("PUT", `${listing}/(\\d+)`, ({ body }, [number, id]) => {
      const note = notes.find((each) => each.id === Number(id) && each.number === Number(number));
      if (!note) return noSuch;
      note.body = String(body["body"] as string);
      return answer(200, note);
    }),
  ];
}

async function changeBody(
  gitDir: string,
  { number, branch, state, title, commit, updatedAt = Date.now() }: GitlabChange,
  labels: World["labels"],
): Promise<Fields> {
  const sha = await refAt(gitDir, `refs/merge-requests/${number}/head`);
  const named = (labels.get(number) ?? []).map(({ name }) => name);
  const shown = { iid: number, state, title, sha, target_branch: branch, labels: named };
  const by = { author: { id: 7, username: "ann" }, updated_at: new Date(updatedAt).toISOString() };
  return { ...shown, ...by, merge_commit_sha: commit ?? null };
}

async function mergeChange(
  { gitDir, method }: { gitDir: string; method: "merge" | "ff" },
  change: GitlabChange | undefined,
  body: Fields,
): Promise<ServerReply> {
  if (!change) return noSuch;
  const { branch } = change;
  const head = await refAt(gitDir, `refs/merge-requests/${change.number}/head`);
  if (change.state !== "opened") return answer(405, { message: "405 Method Not Allowed" });
  if (body["sha"] !== head)
    return answer(409, { message: "SHA does not match HEAD of source branch" });
  const message = String(body["squash_commit_message"] as string);
  const squashed = await squashInto(gitDir, { branch, head, message });
  if (squashed === undefined) return answer(422, { message: "Branch cannot be merged" });
  const mergeMessage = String(body["merge_commit_message"] as string);
  const merged =
    method === "merge"
      ? await mergeInto(gitDir, { branch, squashed, message: mergeMessage })
      : undefined;
  Object.assign(change, { state: "merged", commit: merged ?? squashed });
  return answer(200, {
    state: "merged",
    sha: head,
    merge_commit_sha: merged ?? null,
    squash_commit_sha: squashed,
  });
}
