import { execFile } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { inboxes, routes } from "@council/contracts";
import type { Patch } from "@council/domain";
import { type GitlabServer, startGitlabServer } from "@council/forge/testing";
import { testRemote, type TestRemote } from "@council/git/testing";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { reconcileChanges } from "./reconcile-changes.ts";
import { testGateway, type TestGateway } from "./test-gateway.ts";

const project = "acme/tools/shop";
const number = 3;
const signingToken = `whsec_${randomBytes(32).toString("base64")}`;
let remote: TestRemote;
let gitlab: GitlabServer;
let gateway: TestGateway;
let head: string;

async function setHead(commit: string): Promise<void> {
  const args = ["update-ref", `refs/merge-requests/${number}/head`, commit];
  await promisify(execFile)("git", args, { cwd: remote.repository.gitDir });
}

async function open(secret?: string): Promise<TestGateway> {
  const auth = { kind: "token", tokenFile: join(remote.dir, "token") };
  const forge = { kind: "gitlab", project, apiUrl: `${gitlab.url}/api/v4`, auth };
  return await testGateway({
    repositories: [{ id: "shop", remote: remote.url, forge }],
    mirrorsFolder: join(remote.dir, "mirrors"),
    ...(secret === undefined ? {} : { gitlabSecret: secret }),
  });
}

beforeEach(async () => {
  remote = await testRemote({ "a.txt": "one\n" });
  await remote.setBranch("proposal", (await remote.head())!);
  head = await remote.commit({ branch: "proposal", files: { "a.txt": "two\n" } });
  await setHead(head);
  gitlab = await startGitlabServer({ project, gitDir: remote.repository.gitDir, method: "ff" });
  gitlab.changes.set(number, { number, branch: "main", state: "opened", title: "Two" });
  await writeFile(join(remote.dir, "token"), gitlab.token);
  gateway = await open();
});

afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
  await gitlab.stop();
  await remote.remove();
});

/** A delivery as GitLab makes it; the fields Council reads and some it must not. */
const payload = (action: string, state = "opened") => ({
  object_kind: "merge_request",
  event_type: "merge_request",
  user: { id: 9, username: action === "open" ? "ann" : "bob" },
  project: { id: 1, path_with_namespace: project },
  object_attributes: {
    iid: number,
    author_id: 7,
    title: "Two",
    action,
    state,
    target_branch: "main",
    source_branch: "proposal",
    last_commit: { id: "f".repeat(40) },
  },
});

async function send(body: string, headers: Record<string, string>) {
  return await gateway.app.inject({
    method: "POST",
    url: routes.gitlab,
    payload: body,
    headers: {
      "content-type": "application/json",
      "x-gitlab-event": "Merge Request Hook",
      "x-gitlab-event-uuid": randomUUID(),
      ...headers,
    },
  });
}

const withToken = () => ({ "x-gitlab-token": gateway.githubSecret });
const patches = async () =>
  (await gateway.messages(inboxes.patchController)).map(
    ({ body }) => body as { type: string; patch: Patch },
  );

describe("POST /webhooks/gitlab", () => {
  test("takes a merge request in as fetched from the remote, whatever the payload says", async () => {
    const reply = await send(JSON.stringify(payload("open")), withToken());
    expect(reply.statusCode).toBe(202);
    const [taken] = await patches();
    const externalId = `${project}#${number}`;
    expect(taken!.patch).toMatchObject({ repository: "shop", sender: "gitlab", externalId, head });
    expect(taken!.patch).toMatchObject({ author: "ann", base: await remote.head() });
  });

  test("P1: an update of the title alone is the same patch, a new head another", async () => {
    const opened = await send(JSON.stringify(payload("open")), withToken());
    const { id } = opened.json<{ id: string }>();
    const renamed = await send(JSON.stringify(payload("update")), withToken());
    expect(renamed.json()).toMatchObject({ id, duplicate: true });
    await setHead(await remote.commit({ branch: "proposal", files: { "a.txt": "three\n" } }));
    const pushed = await send(`${JSON.stringify(payload("update"))} `, withToken());
    expect(pushed.json()).toMatchObject({ duplicate: false });
  });

  test("who proposed a change is asked of GitLab where the delivery names another", async () => {
    await send(JSON.stringify(payload("update")), withToken());
    const [taken] = await patches();
    expect(taken!.patch.author).toBe("ann");
  });

  test("nothing is taken in by a wrong token, none, or a body that is no merge request", async () => {
    const body = JSON.stringify(payload("open"));
    expect((await send(body, {})).json()).toMatchObject({ status: 401, field: "x-gitlab-token" });
    expect((await send(body, { "x-gitlab-token": "guess" })).statusCode).toBe(401);
    const swapped = await send(body, { ...withToken(), "x-gitlab-event": "Push Hook" });
    expect(swapped.statusCode).toBe(422);
    const push = JSON.stringify({ object_kind: "push", ref: "refs/heads/main" });
    const other = await send(push, { ...withToken(), "x-gitlab-event": "Push Hook" });
    expect(other.json()).toMatchObject({ kind: "ignored" });
    expect(await patches()).toEqual([]);
  });

  test("a signing token signs id, time and body, and the token in clear counts no more", async () => {
    await gateway[Symbol.asyncDispose]();
    gateway = await open(signingToken);
    const body = JSON.stringify(payload("open"));
    const signed = (at: Date) => {
      const id = `msg_${randomUUID()}`;
      return {
        "webhook-id": id,
        "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
        "webhook-signature": new Webhook(signingToken).sign(id, at, body),
      };
    };
    expect((await send(body, { "x-gitlab-token": signingToken })).statusCode).toBe(401);
    expect((await send(body, signed(new Date(Date.now() - 3_600_000)))).statusCode).toBe(401);
    expect((await send(`${body} `, signed(new Date()))).statusCode).toBe(401);
    expect((await send(body, signed(new Date()))).statusCode).toBe(202);
  });

  test("what is closed is withdrawn once, and a replay withdraws nothing newer (P1)", async () => {
    const opened = await send(JSON.stringify(payload("open")), withToken());
    const { id } = opened.json<{ id: string }>();
    const closed = JSON.stringify(payload("close", "closed"));
    expect((await send(closed, withToken())).json()).toEqual({ kind: "closed", id });
    await send(JSON.stringify(payload("reopen")), withToken());
    expect((await send(closed, withToken())).statusCode).toBe(409);
    const sent = await gateway.messages(inboxes.patchController);
    expect(sent.filter(({ type }) => type === "withdraw").map(({ subject }) => subject)).toEqual([
      id,
    ]);
  });
});

describe("changes no delivery told of", () => {
  const deps = () => ({ ...gateway.taking, lookBackMs: 3_600_000 });
  const guarded = () => gateway.taking.repositories.byId("shop");

  test("P1: are taken in once, whoever looks, and not beside their delivery", async () => {
    const [first, second] = await Promise.all([
      reconcileChanges(deps(), guarded()),
      reconcileChanges(deps(), guarded()),
    ]);
    expect([...first.taken, ...second.taken]).toHaveLength(1);
    const late = await send(JSON.stringify(payload("open")), withToken());
    expect(late.json()).toMatchObject({
      id: [...first.taken, ...second.taken][0],
      duplicate: true,
    });
    expect(await patches()).toHaveLength(1);
    expect(await reconcileChanges(deps(), guarded())).toEqual({ taken: [], withdrawn: [] });
  });

  test("are left alone when nobody has touched them for long", async () => {
    gitlab.changes.get(number)!.updatedAt = Date.now() - 2 * 3_600_000;
    expect(await reconcileChanges(deps(), guarded())).toEqual({ taken: [], withdrawn: [] });
  });

  test("a forge that is away is an error that names it, and nothing is taken", async () => {
    gitlab.fail({ status: 503 });
    const looking = reconcileChanges(deps(), guarded());
    await expect(looking).rejects.toMatchObject({ code: "unreachable" });
    expect(await patches()).toEqual([]);
  });
});
