import { execFile } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { inboxes, routes } from "@council/contracts";
import type { Patch } from "@council/domain";
import { testRemote, type TestRemote } from "@council/git/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { testGateway, type TestGateway } from "./test-gateway.ts";

const project = "acme/shop";
const number = 3;
let remote: TestRemote;
let gateway: TestGateway;
let head: string;

beforeEach(async () => {
  remote = await testRemote({ "a.txt": "one\n" });
  await remote.setBranch("proposal", (await remote.head())!);
  head = await remote.commit({ branch: "proposal", files: { "a.txt": "two\n" } });
  const args = ["update-ref", `refs/pull/${number}/head`, head];
  await promisify(execFile)("git", args, { cwd: remote.repository.gitDir });
  const auth = { kind: "token", tokenFile: "token" };
  const apiUrl = "https://git.example.test/api/v1";
  gateway = await testGateway({
    repositories: [
      { id: "shop", remote: remote.url, forge: { kind: "gitea", project, apiUrl, auth } },
    ],
    mirrorsFolder: join(remote.dir, "mirrors"),
  });
});

afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
  await remote.remove();
});

/** A delivery as Gitea makes it; the fields Council reads and some it must not. */
const payload = (action: string) => ({
  action,
  number,
  pull_request: {
    number,
    title: "Two",
    user: { login: "ann" },
    base: { ref: "main", sha: "0".repeat(40) },
    head: { ref: "proposal", sha: "f".repeat(40) },
  },
  repository: { full_name: project },
});

async function send(body: string, headers: Record<string, string>) {
  return await gateway.app.inject({
    method: "POST",
    url: routes.gitea,
    payload: body,
    headers: {
      "content-type": "application/json",
      "x-gitea-event": "pull_request",
      "x-gitea-delivery": randomUUID(),
      ...headers,
    },
  });
}

const signed = (body: string) =>
  createHmac("sha256", gateway.githubSecret).update(body).digest("hex");

describe("POST /webhooks/gitea", () => {
  test("takes a pull request in as fetched from the remote, whatever the payload says", async () => {
    const body = JSON.stringify(payload("opened"));
    const reply = await send(body, { "x-gitea-signature": signed(body) });
    expect(reply.statusCode).toBe(202);
    const [message] = await gateway.messages(inboxes.patchController);
    const { patch } = message!.body as { patch: Patch };
    const externalId = `${project}#${number}`;
    expect(patch).toMatchObject({ repository: "shop", sender: "gitea", externalId, head });
    expect(patch.base).toBe(await remote.head());
  });

  test("P1: a new head comes as an event of its own, and the same head twice is one patch", async () => {
    const [first, second] = [payload("opened"), payload("synchronized")].map((each) =>
      JSON.stringify(each),
    );
    const opened = await send(first!, { "x-gitea-signature": signed(first!) });
    const again = await send(second!, {
      "x-gitea-signature": signed(second!),
      "x-gitea-event": "pull_request_sync",
    });
    const { id } = opened.json<{ id: string }>();
    expect(again.json()).toMatchObject({ id, duplicate: true });
  });

  test("where Forgejo signs too, its signature alone counts", async () => {
    const body = JSON.stringify(payload("opened"));
    const good = { "x-gitea-signature": signed(body) };
    const forged = await send(body, { ...good, "x-forgejo-signature": "0".repeat(64) });
    expect(forged.statusCode).toBe(401);
    expect(forged.json()).toMatchObject({ field: "x-forgejo-signature" });
    const sound = await send(body, { "x-forgejo-signature": signed(body) });
    expect(sound.statusCode).toBe(202);
  });

  test("refuses what is unsigned, signed otherwise, or GitHub's form of it", async () => {
    const body = JSON.stringify(payload("opened"));
    const statuses = await Promise.all(
      [{}, { "x-gitea-signature": "é" }, { "x-gitea-signature": `sha256=${signed(body)}` }].map(
        async (headers) => (await send(body, headers as Record<string, string>)).statusCode,
      ),
    );
    expect(statuses).toEqual([401, 401, 401]);
    expect(await gateway.messages(inboxes.patchController)).toEqual([]);
  });
});
