/** A pull request from webhook to revert, on real processes and real git, with GitHub's API on loopback. */
import { execFile } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { routes, trailers } from "@council/contracts";
import { type GithubServer, startGithubServer } from "@council/forge/testing";
import { sign } from "@octokit/webhooks-methods";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWorld, type World } from "./council-world.ts";
import { commitsOf, treeAt } from "./git-desk.ts";
import { has, isAtRest } from "./ledger-book.ts";

interface Payload {
  readonly action: string;
  readonly number: number;
  readonly pull_request: { readonly title: string; readonly base: { readonly ref: string } };
  readonly repository: { readonly full_name: string };
}

const examples = createRequire(import.meta.url)("@octokit/webhooks-examples") as {
  name: string;
  examples: Payload[];
}[];
const recorded = examples
  .find(({ name }) => name === "pull_request")!
  .examples.find(({ action }) => action === "opened")!;
const project = recorded.repository.full_name;
const branch = recorded.pull_request.base.ref;
const secret = randomBytes(24).toString("hex");
const repository = "hello";

let world: World;
let github: GithubServer;

beforeAll(async () => {
  const dir = mkdtempSync(join(tmpdir(), "council-world-"));
  world = await startWorld({
    dir,
    repositories: { [repository]: {} },
    env: { COUNCIL_GITHUB_WEBHOOK_SECRET: secret, COUNCIL_CLAIM_IDLE: "2s" },
    more: async (_, remote) => {
      const { gitDir } = remote.repository;
      await remote.setBranch(branch, (await remote.head()) ?? "");
      github = await startGithubServer({ project, gitDir });
      writeFileSync(join(dir, "app.pem"), github.privateKeyPem, { mode: 0o600 });
      const auth = { kind: "app", appId: github.appId, privateKeyFile: "app.pem" };
      return {
        targetBranch: branch,
        forge: { kind: "github", project, apiUrl: github.url, auth, merge: "forge" },
      };
    },
  });
});

afterAll(async () => {
  const left = await world.stop();
  await github.stop();
  if (left.length > 0) throw new Error(left.join("\n"));
});

/** Opens a pull request and delivers the recorded event of it, signed anew. */
async function open(number: number, files: Readonly<Record<string, string>>) {
  const remote = world.remote(repository);
  const proposal = `proposal-${number}`;
  await remote.setBranch(proposal, (await remote.head(branch)) ?? "");
  const head = await remote.commit({ branch: proposal, files });
  const setRef = ["update-ref", `refs/pull/${number}/head`, head];
  await promisify(execFile)("git", setRef, { cwd: remote.repository.gitDir });
  const { title } = recorded.pull_request;
  github.pulls.set(number, { number, branch, state: "open", merged: false, title });
  const pull_request = { ...recorded.pull_request, number };
  const body = JSON.stringify({ ...recorded, number, pull_request });
  const reply = await fetch(`${world.stack.url}${routes.github}`, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "x-github-event": "pull_request",
      "x-github-delivery": randomUUID(),
      "x-hub-signature-256": await sign(secret, body),
    },
  });
  expect(reply.status).toBe(202);
  return { head, id: ((await reply.json()) as { id: string }).id };
}

/** A pull request declares nothing, so the head `contract` abstains and a person has the last word. */
async function approve(id: string): Promise<void> {
  await world.book.until(id, "held", has("Held"));
  await expect.poll(() => runOf(id)?.["conclusion"], { timeout: 20_000 }).toBe("action_required");
  const reply = await world.client.act(id, "approve", { actor: "operator", reason: "read it" });
  expect(reply.status).toBe(202);
}

const runOf = (id: string) => github.checkRuns.find((run) => run["external_id"] === id);
const commentsOn = (number: number) =>
  github.comments.filter((comment) => comment.number === number).map(({ body }) => body);

describe("a pull request", () => {
  it("is checked, merged, and after a breach taken back with a comment (P1, P9)", async () => {
    const remote = world.remote(repository);
    const before = await treeAt(remote, branch);
    const { number } = recorded;
    const { id, head } = await open(number, { "src/more.js": "export const more = 1;\n" });
    world.feed.conduct(id, (stage) => (stage === "canary" ? "good" : "slow"));
    await approve(id);
    const entries = await world.book.until(id, "taken back", isAtRest);
    expect(has("Reverted")(entries)).toBe(true);
    expect(github.pulls.get(number)).toMatchObject({ state: "closed", merged: true });
    const merges = github.requests.filter(({ method }) => method === "PUT");
    expect(merges.map(({ body }) => body["sha"])).toEqual([head]);
    const own = (await commitsOf(remote, branch)).filter(
      (commit) => commit.trailers[trailers.patch] === id,
    );
    const [revert, landing] = own;
    expect(own).toHaveLength(2);
    expect(landing?.tree).toBe(landing?.trailers[trailers.auditedTree]);
    expect(revert?.trailers[trailers.reverts]).toBe(landing?.commit);
    expect(await treeAt(remote, branch)).toBe(before);
    const taken = { head_sha: head, conclusion: "failure", output: { title: "taken back" } };
    await expect.poll(() => runOf(id), { timeout: 20_000 }).toMatchObject(taken);
    await expect.poll(() => commentsOn(number), { timeout: 20_000 }).toHaveLength(2);
    const comments = commentsOn(number);
    expect(comments.find((body) => body.includes("council:report"))).toContain("taken back");
    const notice = comments.find((body) => body.includes("council:notice"));
    expect(notice).toContain("Council took this change back");
    expect(notice).toContain(revert?.commit);
    expect(notice).toContain("latency");
  });

  it("is rejected with annotations where the findings are, and not merged", async () => {
    const number = recorded.number + 1;
    const key = `AKIA${randomBytes(10).toString("hex").toUpperCase().slice(0, 16)}`;
    const { id } = await open(number, { "src/key.js": `export const key = "${key}";\n` });
    await world.book.until(id, "rejected", has("Rejected"));
    await expect.poll(() => runOf(id)?.["conclusion"], { timeout: 20_000 }).toBe("failure");
    expect(runOf(id)?.["annotations"]).toEqual(
      expect.arrayContaining([expect.objectContaining({ path: "src/key.js", start_line: 1 })]),
    );
    expect(JSON.stringify([github.checkRuns, github.comments])).not.toContain(key);
    expect(github.pulls.get(number)?.state).toBe("open");
  });

  it("is taken back while the forge is away, and told so when it is there again (P4)", async () => {
    const number = recorded.number + 2;
    const remote = world.remote(repository);
    const before = await treeAt(remote, branch);
    const { id } = await open(number, { "src/again.js": "export const again = 1;\n" });
    world.feed.conduct(id, () => "good");
    await approve(id);
    await world.book.until(id, "settled", has("Settled"));
    github.fail({ status: 503, body: { message: "down" } }, 5);
    const asked = await world.client.act(id, "rollback", { actor: "operator", reason: "a test" });
    expect(asked.status).toBe(202);
    await world.book.until(id, "reverted", has("Reverted"));
    expect(await treeAt(remote, branch)).toBe(before);
    await expect
      .poll(() => commentsOn(number).join("\n"), { timeout: 30_000 })
      .toContain("Council took this change back");
  });
});
