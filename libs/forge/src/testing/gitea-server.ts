/** Gitea on loopback: the part of its REST API that Council speaks, over a real bare repository. */
import { randomBytes } from "node:crypto";
import {
  answer,
  type ForgeServer,
  pageOf,
  type RequestSeen,
  type Route,
  route,
  startForgeServer,
} from "./forge-server.ts";
import { refAt, squashInto } from "./merge-in-remote.ts";

type Fields = Record<string, unknown>;

interface GiteaPull {
  readonly number: number;
  readonly branch: string;
  state: "open" | "closed";
  merged: boolean;
  title: string;
  commit?: string;
}

interface World {
  readonly pulls: Map<number, GiteaPull>;
  readonly comments: (Fields & { id: number; number: number; body: string })[];
  readonly statuses: Fields[];
  readonly labels: Map<number, { name: string; login: string }[]>;
  readonly roles: Map<string, string>;
}

export interface GiteaServer extends ForgeServer, World {
  readonly token: string;
}

const noSuch = answer(404, { message: "The target couldn't be found." });

export async function startGiteaServer(options: {
  readonly project: string;
  readonly gitDir: string;
}): Promise<GiteaServer> {
  const world: World = {
    pulls: new Map(),
    comments: [],
    statuses: [],
    labels: new Map(),
    roles: new Map(),
  };
  const token = randomBytes(20).toString("hex");
  const admit = ({ headers }: RequestSeen) =>
    headers.authorization === `token ${token}` ? undefined : answer(401, { message: "token" });
  const repo = `/api/v1/repos/${options.project}`;
  const { pulls, statuses, labels, roles } = world;
  const server = await startForgeServer(
    [
      route("GET", "/api/v1/user", () => answer(200, { id: 1, login: "council" })),
      route("GET", `${repo}/pulls/(\\d+)`, async (_, [number]) => {
        const pull = pulls.get(Number(number));
        return pull ? answer(200, await pullBody(options.gitDir, pull)) : noSuch;
      }),
      route("POST", `${repo}/pulls/(\\d+)/merge`, ({ body }, [number]) =>
        mergePull(options.gitDir, pulls.get(Number(number)), body),
      ),
      route("GET", `${repo}/issues/(\\d+)`, (_, [number]) =>
        answer(200, { labels: labels.get(Number(number)) ?? [] }),
      ),
      route("GET", `${repo}/issues/(\\d+)/timeline`, (request, [number]) => {
        const events = (labels.get(Number(number)) ?? []).map(({ name, login }) => {
          return { type: "label", body: "1", label: { name }, user: { login } };
        });
        return answer(200, pageOf(events, request));
      }),
      route("GET", `${repo}/collaborators/([^/]+)/permission`, (_, [login]) => {
        const permission = roles.get(login ?? "");
        return permission === undefined ? noSuch : answer(200, { permission });
      }),
      route("GET", `${repo}/commits/(\\w+)/statuses`, (request, [sha]) => {
        const found = statuses.filter((each) => each["sha"] === sha).toReversed();
        return answer(200, pageOf(found, request));
      }),
      route("POST", `${repo}/statuses/(\\w+)`, ({ body }, [sha]) => {
        const { state, ...rest } = body;
        statuses.push({ ...rest, status: state, sha });
        return answer(201, statuses.at(-1));
      }),
      ...commentRoutes(repo, world),
    ],
    admit,
  );
  return { ...server, ...world, token };
}

function commentRoutes(repo: string, { comments }: World): Route[] {
  return [
    // This listing knows no pages.
    route("GET", `${repo}/issues/(\\d+)/comments`, (_, [number]) =>
      answer(
        200,
        comments.filter((comment) => comment.number === Number(number)),
      ),
    ),
    route("POST", `${repo}/issues/(\\d+)/comments`, ({ body }, [number]) => {
      const text = String(body["body"] as string);
      const comment = { id: comments.length + 1, number: Number(number), body: text };
      comments.push({ ...comment, user: { id: 1 } });
      return answer(201, comments.at(-1));
    }),
    route("PATCH", `${repo}/issues/comments/(\\d+)`, ({ body }, [id]) => {
      const comment = comments.find((each) => each.id === Number(id));
      if (!comment) return noSuch;
      comment.body = String(body["body"] as string);
      return answer(200, comment);
    }),
  ];
}

async function pullBody(gitDir: string, pull: GiteaPull): Promise<Fields> {
  const { number, branch, state, merged, title, commit } = pull;
  const sha = await refAt(gitDir, `refs/pull/${number}/head`);
  const user = { login: "ann" };
  const shown = { number, state, merged, title, user, head: { sha }, base: { ref: branch } };
  return { ...shown, merge_commit_sha: commit ?? null };
}

async function mergePull(gitDir: string, pull: GiteaPull | undefined, body: Fields) {
  if (!pull) return noSuch;
  const head = await refAt(gitDir, `refs/pull/${pull.number}/head`);
  if (pull.state !== "open") return answer(405, { message: "Please try again later" });
  if (body["head_commit_id"] !== head) return answer(409, { message: "head out of date" });
  const message = `${body["MergeTitleField"] as string}\n\n${body["MergeMessageField"] as string}`;
  const commit = await squashInto(gitDir, { branch: pull.branch, head, message });
  if (commit === undefined) return answer(405, { message: "not mergeable" });
  Object.assign(pull, { state: "closed", merged: true, commit });
  return answer(200);
}
