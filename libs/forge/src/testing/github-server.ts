/**
 * GitHub on loopback: the part of its REST API that Council speaks, over a real bare repository. It keeps
 * state, checks credentials, and refuses what GitHub refuses.
 */
import { createVerify, generateKeyPairSync, randomBytes } from "node:crypto";
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
import { refAt, squashInto } from "./merge-in-remote.ts";

type Fields = Record<string, unknown>;

export interface GithubPull {
  readonly number: number;
  readonly branch: string;
  state: "open" | "closed";
  merged: boolean;
  title: string;
}

export interface GithubServer extends ForgeServer {
  readonly token: string;
  readonly appId: number;
  readonly installationId: number;
  readonly privateKeyPem: string;
  readonly pulls: Map<number, GithubPull>;
  readonly comments: (Fields & { id: number; body: string; number: number })[];
  readonly checkRuns: Fields[];
  readonly statuses: Fields[];
  /** Labels of a change with who set each. */
  readonly labels: Map<number, { name: string; login: string }[]>;
  readonly roles: Map<string, string>;
}

const noSuch = answer(404, { message: "Not Found" });

interface World extends Pick<
  GithubServer,
  "pulls" | "comments" | "checkRuns" | "statuses" | "labels" | "roles"
> {
  readonly gitDir: string;
}

/** `gitDir` is the bare repository behind the project; heads are its `refs/pull/<number>/head`. */
export async function startGithubServer(options: {
  readonly project: string;
  readonly gitDir: string;
}): Promise<GithubServer> {
  const world: World = {
    gitDir: options.gitDir,
    pulls: new Map(),
    comments: [],
    checkRuns: [],
    statuses: [],
    labels: new Map(),
    roles: new Map(),
  };
  const key = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  const [token, appToken] = [randomBytes(20).toString("hex"), randomBytes(20).toString("hex")];
  const ids = { appId: 4711, installationId: 815 };
  const admit = ({ path, headers }: RequestSeen): ServerReply | undefined => {
    const given = (headers.authorization ?? "").replace(/^(bearer|token) /i, "");
    const isForApp = path.endsWith("/installation") || path.startsWith("/app/");
    const isIn = isForApp
      ? isAppToken(given, ids.appId, key.publicKey)
      : [token, appToken].includes(given);
    return isIn ? undefined : answer(401, { message: "Bad credentials" });
  };
  const isApp = ({ headers }: RequestSeen) => headers.authorization?.endsWith(appToken) === true;
  const repo = `/repos/${options.project.replaceAll(".", String.raw`\.`)}`;
  const server = await startForgeServer(
    [
      ...appRoutes(repo, ids.installationId, appToken),
      ...pullRoutes(repo, world),
      ...commentRoutes(repo, world, isApp, ids.appId),
      ...checkRoutes(repo, world, isApp),
    ],
    admit,
  );
  return { ...server, ...world, ...ids, token, privateKeyPem: key.privateKey };
}

function isAppToken(jwt: string, appId: number, publicKey: string): boolean {
  const [head = "", claims = "", signature = ""] = jwt.split(".");
  const verifier = createVerify("RSA-SHA256").update(`${head}.${claims}`);
  if (!verifier.verify(publicKey, signature, "base64url")) return false;
  const { iss, exp } = JSON.parse(Buffer.from(claims, "base64url").toString()) as Fields;
  const now = Date.now() / 1000;
  return Number(iss) === appId && Number(exp) > now && Number(exp) < now + 600 + 60;
}

function appRoutes(repo: string, installationId: number, token: string): Route[] {
  return [
    route("GET", `${repo}/installation`, () => answer(200, { id: installationId })),
    route("POST", `/app/installations/${installationId}/access_tokens`, () =>
      answer(201, {
        token,
        expires_at: new Date(Date.now() + 3_600_000).toISOString(),
        permissions: { checks: "write" },
        repository_selection: "all",
      }),
    ),
    route("GET", "/user", () => answer(200, { id: 1, login: "council-bot" })),
  ];
}

async function pullBody({ gitDir }: World, pull: GithubPull): Promise<Fields> {
  const { number, branch, state, merged, title } = pull;
  const sha = await refAt(gitDir, `refs/pull/${number}/head`);
  const user = { login: "ann" };
  return { number, state, merged, title, user, head: { sha }, base: { ref: branch } };
}

function pullRoutes(repo: string, world: World): Route[] {
  const { pulls, labels, roles } = world;
  return [
    route("GET", `${repo}/pulls`, async (request) => {
      const open = [...pulls.values()].filter(({ state }) => state === "open").toReversed();
      return answer(200, await Promise.all(pageOf(open, request).map((p) => pullBody(world, p))));
    }),
    route("GET", `${repo}/pulls/(\\d+)`, async (_, [number]) => {
      const pull = pulls.get(Number(number));
      return pull ? answer(200, await pullBody(world, pull)) : noSuch;
    }),
    route("PUT", `${repo}/pulls/(\\d+)/merge`, async ({ body }, [number]) =>
      mergePull(world, pulls.get(Number(number)), body),
    ),
    route("GET", `${repo}/issues/(\\d+)/labels`, (request, [number]) =>
      answer(200, pageOf(labels.get(Number(number)) ?? [], request)),
    ),
    route("GET", `${repo}/issues/(\\d+)/events`, (request, [number]) => {
      const events = (labels.get(Number(number)) ?? []).map(({ name, login }) => ({
        event: "labeled",
        label: { name },
        actor: { login },
      }));
      return answer(200, pageOf(events, request));
    }),
    route("GET", `${repo}/collaborators/([^/]+)/permission`, (_, [login]) => {
      const role = roles.get(login ?? "");
      return role === undefined ? noSuch : answer(200, { permission: role, role_name: role });
    }),
  ];
}

async function mergePull(world: World, pull: GithubPull | undefined, body: Fields) {
  if (!pull) return noSuch;
  if (pull.state !== "open") return answer(405, { message: "Pull Request is not mergeable" });
  const head = await refAt(world.gitDir, `refs/pull/${pull.number}/head`);
  if (body["sha"] !== head)
    return answer(409, { message: "Head branch was modified. Review and try the merge again." });
  const message = `${String(body["commit_title"])}\n\n${String(body["commit_message"])}`;
  const commit = await squashInto(world.gitDir, { branch: pull.branch, head, message });
  if (commit === undefined) return answer(405, { message: "Pull Request is not mergeable" });
  Object.assign(pull, { state: "closed", merged: true });
  return answer(200, { sha: commit, merged: true, message: "Pull Request successfully merged" });
}

function commentRoutes(
  repo: string,
  { comments, pulls }: World,
  isApp: (request: RequestSeen) => boolean,
  appId: number,
): Route[] {
  return [
    route("GET", `${repo}/issues/(\\d+)/comments`, (request, [number]) => {
      const found = comments.filter((comment) => comment.number === Number(number));
      return answer(200, pageOf(found, request));
    }),
    route("POST", `${repo}/issues/(\\d+)/comments`, (request, [number]) => {
      if (!pulls.has(Number(number))) return noSuch;
      const given = request.body["body"];
      const body = typeof given === "string" ? given : "";
      if (body === "" || body.length > 65_536) return answer(422, { message: "Validation Failed" });
      const user = { id: isApp(request) ? 2 : 1 };
      const via = isApp(request) ? { id: appId } : null;
      const comment = { id: comments.length + 1, number: Number(number), body, user };
      comments.push({ ...comment, performed_via_github_app: via });
      return answer(201, comments.at(-1));
    }),
    route("PATCH", `${repo}/issues/comments/(\\d+)`, (request, [id]) => {
      const comment = comments.find((each) => each.id === Number(id));
      if (!comment) return noSuch;
      comment.body = String(request.body["body"]);
      return answer(200, comment);
    }),
  ];
}

function checkRoutes(
  repo: string,
  { checkRuns, statuses }: World,
  isApp: (request: RequestSeen) => boolean,
): Route[] {
  const forbidden = answer(403, { message: "Resource not accessible by personal access token" });
  const write = (request: RequestSeen, run: Fields, status: number): ServerReply => {
    if (!isApp(request)) return forbidden;
    const { output, ...rest } = request.body as Fields & { output?: Fields };
    const added = (output?.["annotations"] ?? []) as unknown[];
    if (added.length > 50) return answer(422, { message: "Only 50 annotations are allowed" });
    const annotations = [...((run["annotations"] ?? []) as unknown[]), ...added];
    const { title, summary } = output ?? {};
    const shown = { title, summary, annotations_count: annotations.length };
    Object.assign(run, rest, { annotations, output: shown });
    return answer(status, run);
  };
  return [
    route("GET", `${repo}/commits/(\\w+)/check-runs`, (request, [sha]) => {
      const name = request.query.get("check_name");
      const found = checkRuns.filter((run) => run["head_sha"] === sha && run["name"] === name);
      return answer(200, { total_count: found.length, check_runs: pageOf(found, request) });
    }),
    route("POST", `${repo}/check-runs`, (request) => {
      const run: Fields = { id: checkRuns.length + 1 };
      const reply = write(request, run, 201);
      if (reply.status === 201) checkRuns.push(run);
      return reply;
    }),
    route("PATCH", `${repo}/check-runs/(\\d+)`, (request, [id]) => {
      const run = checkRuns.find((each) => each["id"] === Number(id));
      return run ? write(request, run, 200) : noSuch;
    }),
    route("GET", `${repo}/commits/(\\w+)/statuses`, (request, [sha]) => {
      const found = statuses.filter((each) => each["sha"] === sha).toReversed();
      return answer(200, pageOf(found, request));
    }),
    route("POST", `${repo}/statuses/(\\w+)`, ({ body }, [sha]) => {
      if (String(body["description"]).length > 140)
        return answer(422, { message: "description is too long" });
      statuses.push({ ...body, sha });
      return answer(201, statuses.at(-1));
    }),
  ];
}
