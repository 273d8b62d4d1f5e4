import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { inboxes, routes } from "@council/contracts";
import type { Patch } from "@council/domain";
import { testRemote, type TestRemote } from "@council/git/testing";
import { sign } from "@octokit/webhooks-methods";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readPullRequest } from "./pull-request-event.ts";
import { sha256 } from "./take-patch.ts";
import { testGateway, type TestGateway } from "./test-gateway.ts";

interface Payload {
  action: string;
  number: number;
  pull_request: { title: string; number: number; merged?: boolean; base: { ref: string } };
  repository: { full_name: string };
}

const examples = createRequire(import.meta.url)("@octokit/webhooks-examples") as {
  name: string;
  examples: Payload[];
}[];
const pullRequests = examples.find(({ name }) => name === "pull_request")!.examples;
const opened = pullRequests.find(({ action }) => action === "opened")!;
const fullName = opened.repository.full_name;

let remote: TestRemote;
let gateway: TestGateway;
let head: string;
let fork: string;

async function setPull(number: number, commit: string): Promise<void> {
  const args = ["update-ref", `refs/pull/${number}/head`, commit];
  await promisify(execFile)("git", args, { cwd: remote.repository.gitDir });
}

beforeEach(async () => {
  remote = await testRemote({ "a.txt": "one\n" });
  fork = (await remote.head())!;
  await remote.setBranch("proposal", fork);
  head = await remote.commit({ branch: "proposal", files: { "a.txt": "two\n" } });
  await remote.commit({ files: { "b.txt": "meanwhile\n" } });
  await remote.setBranch(opened.pull_request.base.ref, (await remote.head())!);
  await setPull(opened.number, head);
  gateway = await testGateway({
    repositories: [{ id: "hello", remote: remote.url, github: fullName }],
    mirrorsFolder: join(remote.dir, "mirrors"),
  });
});

afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
  await remote.remove();
});

interface Sending {
  event?: string;
  guid?: string;
  signature?: string | undefined;
}

async function send(payload: object, options: Sending = {}) {
  const body = JSON.stringify(payload);
  const signature =
    "signature" in options ? options.signature : await sign(gateway.githubSecret, body);
  return await gateway.app.inject({
    method: "POST",
    url: routes.github,
    payload: body,
    headers: {
      "content-type": "application/json",
      "x-github-event": options.event ?? "pull_request",
      "x-github-delivery": options.guid ?? randomUUID(),
      ...(signature === undefined ? {} : { "x-hub-signature-256": signature }),
    },
  });
}

const patches = async () =>
  (await gateway.messages(inboxes.patchController)).map(
    ({ body }) => (body as { patch: Patch }).patch,
  );

describe("POST /webhooks/github", () => {
  test("takes a pull request in as fetched from the remote, whatever else the payload says", async () => {
    const reply = await send(opened);
    expect(reply.statusCode).toBe(202);
    const [patch] = await patches();
    expect(patch).toMatchObject({
      id: reply.json<{ id: string }>().id,
      repository: "hello",
      base: fork,
      targetBranch: opened.pull_request.base.ref,
      title: opened.pull_request.title,
      sender: "github",
      externalId: `${fullName}#${opened.number}`,
    });
    const diff = await gateway.bus.readBlob(gateway.bus.partitionOf("hello"), patch!.diff!);
    expect(diff!.toString()).toContain("-one\n+two\n");
    expect(diff!.toString()).not.toContain("meanwhile");
    expect(sha256(diff!)).toBe(patch!.diff);
  });

  test("P1: one delivery twice, one body twice and two events about one head are one patch", async () => {
    const first = await send(opened, { guid: "a" });
    const again = await send(opened, { guid: "a" });
    const replayed = await send(opened, { guid: "b" });
    const edited = await send({ ...opened, action: "synchronize" }, { guid: "c" });
    const { id } = first.json<{ id: string }>();
    for (const reply of [again, replayed, edited])
      expect(reply.json()).toMatchObject({ id, duplicate: true });
    const swapped = await send({ ...opened, action: "reopened" }, { guid: "a" });
    expect(swapped.statusCode).toBe(409);
    expect(await patches()).toHaveLength(1);
  });

  test("a new head is a revision that supersedes", async () => {
    const first = await send(opened);
    await setPull(
      opened.number,
      await remote.commit({ branch: "proposal", files: { "a.txt": "three\n" } }),
    );
    const second = await send({ ...opened, action: "synchronize" });
    expect(second.json()).toMatchObject({ duplicate: false });
    const [, revision] = await patches();
    expect(revision!.supersedes).toBe(first.json<{ id: string }>().id);
  });

  test("every real payload is answered as what it is; of 329 only pull requests are taken", async () => {
    for (const { name, examples: payloads } of examples) {
      for (const payload of payloads) {
        const read = readPullRequest(name, payload, "x-github-event");
        const isPull = name === "pull_request";
        const isTaken = isPull && ["opened", "synchronize", "reopened"].includes(payload.action);
        const isClosed = isPull && payload.action === "closed" && !payload.pull_request.merged;
        expect([name, payload.action, read.kind]).toEqual([
          name,
          payload.action,
          isTaken ? "pull-request" : isClosed ? "closed" : "other",
        ]);
      }
    }
  });

  test("an event header that does not fit the body is refused", async () => {
    const push = examples.find(({ name }) => name === "push")!.examples[0]!;
    const review = examples.find(({ name }) => name === "pull_request_review")!.examples[0]!;
    for (const [payload, event] of [
      [opened, "push"],
      [push, "pull_request"],
      [review, "pull_request"],
    ] as const) {
      const reply = await send(payload, { event });
      expect(reply.statusCode).toBe(422);
      expect(reply.json()).toMatchObject({ type: "urn:council:problem:event-mismatch" });
    }
    expect((await send(push, { event: "push" })).json()).toMatchObject({ kind: "ignored" });
    expect(await patches()).toEqual([]);
  });

  test("refuses what is not signed, or signed with another secret", async () => {
    const missing = await send(opened, { signature: undefined });
    expect([missing.statusCode, missing.json<{ type: string }>().type]).toEqual([
      401,
      "urn:council:problem:signature-missing",
    ]);
    for (const signature of [
      await sign("another secret entirely", JSON.stringify(opened)),
      await sign(gateway.githubSecret, "{}"),
      "sha1=x",
    ]) {
      expect((await send(opened, { signature })).statusCode).toBe(401);
    }
  });

  test("a repository that is not guarded and an action of no interest are ignored", async () => {
    const foreign = { ...opened, repository: { full_name: "some/where" } };
    expect((await send(foreign)).json()).toMatchObject({ kind: "ignored" });
    expect((await send({ ...opened, action: "labeled" })).json()).toMatchObject({
      kind: "ignored",
    });
    expect(await patches()).toEqual([]);
  });

  test.each([
    ["a number the remote does not know", { number: 99 }, { number: 99 }, "number"],
    ["two numbers", { number: 99 }, {}, "number"],
    ["a branch the remote does not know", {}, { base: { ref: "nowhere" } }, "number"],
    [
      "a branch that is an option",
      {},
      { base: { ref: "--upload-pack=x" } },
      "pull_request.base.ref",
    ],
    ["no branch", {}, { base: {} }, "pull_request.base.ref"],
  ])("refuses %s", async (_name, top, pull, field) => {
    const payload = { ...opened, ...top, pull_request: { ...opened.pull_request, ...pull } };
    const reply = await send(payload);
    expect([reply.statusCode, reply.json<{ field: string }>().field]).toEqual([422, field]);
    expect(await patches()).toEqual([]);
  });

  test("a pull request that changes nothing is ignored", async () => {
    await setPull(opened.number, fork);
    expect((await send(opened)).json()).toMatchObject({ kind: "ignored" });
  });

  test("a diff beyond the limit is refused", async () => {
    const files = { "big.txt": `${"x".repeat(99)}\n`.repeat(12_000) };
    await setPull(opened.number, await remote.commit({ branch: "proposal", files }));
    const reply = await send(opened);
    expect([reply.statusCode, reply.json<{ type: string }>().type]).toEqual([
      422,
      "urn:council:problem:pull-request-unusable",
    ]);
  });

  test("a title is capped and never empty", async () => {
    const long = { ...opened.pull_request, title: "x".repeat(5000) };
    await send({ ...opened, pull_request: long });
    const [patch] = await patches();
    expect(patch!.title).toHaveLength(200);
  });

  test("a remote that is away answers 503", async () => {
    await remote.remove();
    const reply = await send(opened);
    expect([reply.statusCode, reply.headers["retry-after"]]).toEqual([503, "60"]);
  });

  test("without a secret the route says so", async () => {
    await using bare = await testGateway({ hasGithub: false });
    const reply = await bare.app.inject({
      method: "POST",
      url: routes.github,
      payload: "{}",
      headers: { "content-type": "application/json" },
    });
    expect([reply.statusCode, reply.json<{ type: string }>().type]).toEqual([
      404,
      "urn:council:problem:github-not-configured",
    ]);
  });
});
