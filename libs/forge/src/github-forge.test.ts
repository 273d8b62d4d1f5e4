import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Forge, isLabelled, type Report } from "./forge.ts";
import { githubForge } from "./github-forge.ts";
import { type GithubServer, startGithubServer } from "./testing/github-server.ts";

const project = "acme/shop.js";
const number = 7;
let dir: string;
let gitDir: string;
let base: string;
let head: string;
let server: GithubServer;

function git(...args: string[]): string {
  const env = { PATH: process.env["PATH"], GIT_CONFIG_GLOBAL: "/dev/null" };
  const who = ["-c", "user.name=a", "-c", "user.email=a@example.test"];
  return execFileSync("git", [...who, ...args], { cwd: gitDir, env, input: "" })
    .toString()
    .trim();
}

function commit(text: string, parents: readonly string[]): string {
  const blob = execFileSync("git", ["hash-object", "-w", "--stdin"], { cwd: gitDir, input: text });
  const entry = `100644 blob ${blob.toString().trim()}\ta.txt\n`;
  const tree = execFileSync("git", ["mktree"], { cwd: gitDir, input: entry }).toString().trim();
  return git("commit-tree", tree, "-m", "c", ...parents.flatMap((each) => ["-p", each]));
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "council-forge-"));
  gitDir = dir;
  git("init", "--quiet", "--bare", "repo.git");
  gitDir = join(dir, "repo.git");
  base = commit("one\n", []);
  head = commit("two\n", [base]);
  git("update-ref", "refs/heads/main", base);
  git("update-ref", `refs/pull/${number}/head`, head);
  server = await startGithubServer({ project, gitDir });
  server.pulls.set(number, { number, branch: "main", state: "open", merged: false, title: "Two" });
  await writeFile(join(dir, "token"), `${server.token}\n`);
  await writeFile(join(dir, "key.pem"), server.privateKeyPem);
});

afterEach(async () => {
  await server.stop();
  await rm(dir, { recursive: true, force: true });
});

const common = () => ({ kind: "github", project, apiUrl: server.url, merge: "forge" }) as const;
const asApp = (): Forge => {
  const privateKeyFile = join(dir, "key.pem");
  return githubForge({ ...common(), auth: { kind: "app", appId: server.appId, privateKeyFile } });
};
const withToken = (tokenFile = join(dir, "token")): Forge =>
  githubForge({ ...common(), auth: { kind: "token", tokenFile } });

const reportOf = (changes: Partial<Report> = {}): Report => ({
  patchId: "p01-aaaaaaaa",
  head,
  status: "running",
  title: "being audited",
  summary: "In audit.",
  annotations: [],
  isNewest: true,
  ...changes,
});
const annotations = Array.from({ length: 120 }, (_, index) => ({
  path: "a.txt",
  line: index + 1,
  level: "warning" as const,
  title: "rule",
  message: `finding ${index}`,
}));

describe("as an app", () => {
  test("a patch has one check run, edited as it goes on, with every annotation once", async () => {
    const forge = asApp();
    await forge.report(number, reportOf());
    expect(server.checkRuns).toMatchObject([
      { name: "Council", head_sha: head, status: "in_progress", external_id: "p01-aaaaaaaa" },
    ]);
    const done = reportOf({ status: "failure", title: "refused", annotations });
    await forge.report(number, done);
    await asApp().report(number, done);
    expect(server.checkRuns).toMatchObject([
      { status: "completed", conclusion: "failure", output: { annotations_count: 120 } },
    ]);
    const shown = server.checkRuns[0]!["annotations"] as { message: string }[];
    expect(shown.map(({ message }) => message)).toEqual(annotations.map(({ message }) => message));
  });

  test("annotations broken off half way are completed, not repeated", async () => {
    const report = reportOf({ status: "failure", annotations });
    await asApp().report(number, reportOf());
    server.fail({ status: 502 }, 1, "PATCH");
    await expect(asApp().report(number, report)).rejects.toMatchObject({ code: "unreachable" });
    await asApp().report(number, report);
    expect(server.checkRuns[0]!["annotations"]).toHaveLength(120);
  });

  test("one comment is edited in place; a forged one with its marker is left alone", async () => {
    const forged = {
      id: 99,
      number,
      body: "<!-- council:report -->\nall is well",
      user: { id: 5 },
    };
    server.comments.push({ ...forged, performed_via_github_app: null });
    const forge = asApp();
    await forge.report(number, reportOf());
    await forge.report(number, reportOf({ status: "success", title: "landed" }));
    await forge.report(number, reportOf({ status: "success", title: "landed" }));
    expect(server.comments.map(({ body }) => body)).toEqual([
      forged.body,
      expect.stringContaining("### Council: landed"),
    ]);
    expect(server.requests.filter(({ method }) => method === "PATCH")).toHaveLength(2 + 1);
  });

  test("a notice is a comment of its own, made once; an older patch leaves the report alone", async () => {
    const forge = asApp();
    const taken = reportOf({ status: "failure", isNewest: false, notice: "**Taken back**" });
    await forge.report(number, taken);
    await forge.report(number, taken);
    expect(server.comments.map(({ body }) => body)).toEqual([
      "<!-- council:notice:p01-aaaaaaaa -->\n**Taken back**",
    ]);
  });

  test("a wrong key is refused, and says so without the key", async () => {
    await writeFile(join(dir, "key.pem"), await startGithubKey());
    const failure: unknown = await asApp()
      .readChange(number)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "unauthorized" });
    expect(String(failure)).not.toContain("PRIVATE");
  });
});

async function startGithubKey(): Promise<string> {
  const other = await startGithubServer({ project, gitDir });
  await other.stop();
  return other.privateKeyPem;
}

describe("with a token", () => {
  test("there is a commit status, written only when it changes", async () => {
    const forge = withToken();
    await forge.report(number, reportOf());
    await forge.report(number, reportOf({ status: "success", title: "t".repeat(200) }));
    await forge.report(number, reportOf({ status: "success", title: "t".repeat(200) }));
    expect(server.statuses).toEqual([
      { state: "pending", description: "being audited", context: "Council", sha: head },
      { state: "success", description: "t".repeat(140), context: "Council", sha: head },
    ]);
    expect(server.comments).toHaveLength(1);
  });

  test("a token that is missing or wrong is named by its file", async () => {
    const gone = withToken(join(dir, "nothing")).readChange(number);
    await expect(gone).rejects.toMatchObject({ code: "unauthorized", message: /nothing/ });
    await writeFile(join(dir, "token"), "wrong");
    await expect(withToken().readChange(number)).rejects.toMatchObject({ code: "unauthorized" });
  });

  test("a limit is waited for: nothing is sent before its time is over", async () => {
    const forge = withToken();
    server.fail({ status: 403, headers: { "retry-after": "30" }, body: { message: "slow down" } });
    const limited = { code: "rate-limited", retryAfterMs: 30_000 };
    await expect(forge.readChange(number)).rejects.toMatchObject(limited);
    await expect(forge.readChange(number)).rejects.toMatchObject({ code: "rate-limited" });
    expect(server.requests).toHaveLength(1);
  });

  test("a change that is gone fails for good", async () => {
    await expect(withToken().report(8, reportOf())).rejects.toMatchObject({ isFinal: true });
  });
});

describe("merging", () => {
  const message = "Why.\n\nCouncil-Effect: p01.4.target";
  const merge = (at: string) => withToken().merge(number, { head: at, title: "Two", message });

  test("squashes exactly the audited head, with the trailers at the end of the message", async () => {
    const outcome = await merge(head);
    expect(outcome).toEqual({ kind: "merged", commit: git("rev-parse", "main") });
    expect(git("rev-parse", "main^{tree}")).toBe(git("rev-parse", `${head}^{tree}`));
    expect(git("log", "-1", "--format=%(trailers:only)", "main")).toBe(
      "Council-Effect: p01.4.target",
    );
    expect(await withToken().readChange(number)).toMatchObject({ state: "merged", head });
    expect(await merge(head)).toMatchObject({ kind: "refused" });
  });

  test("a head that moved on is not merged", async () => {
    git("update-ref", `refs/pull/${number}/head`, commit("three\n", [head]));
    expect(await merge(head)).toEqual({ kind: "head-moved" });
    expect(git("rev-parse", "main")).toBe(base);
  });

  test("a base that moved in between asks for another try", async () => {
    const said = "Base branch was modified. Review and try the merge again.";
    server.fail({ status: 405, body: { message: said } });
    await expect(merge(head)).rejects.toMatchObject({ code: "unreachable" });
  });
});

test("a label counts only when who set it may", async () => {
  server.labels.set(number, [
    { name: "freeze-exempt", login: "mallory" },
    { name: "urgent", login: "ann" },
    { name: "odd", login: "gone" },
  ]);
  server.roles.set("mallory", "triage");
  server.roles.set("ann", "maintain");
  const labels = await withToken().readLabels(number);
  expect(labels).toEqual([
    { name: "freeze-exempt", setBy: "mallory", role: "triage" },
    { name: "urgent", setBy: "ann", role: "maintain" },
    { name: "odd", setBy: "gone", role: "none" },
  ]);
  expect(isLabelled(labels, "freeze-exempt", "write")).toBe(false);
  expect(isLabelled(labels, "urgent", "write")).toBe(true);
  expect(isLabelled(labels, "freeze", "none")).toBe(false);
});

test("open changes are listed over all pages", async () => {
  for (let each = 100; each < 230; each += 1) {
    git("update-ref", `refs/pull/${each}/head`, head);
    const pull = { number: each, branch: "main", merged: false, title: "x" };
    server.pulls.set(each, { ...pull, state: each === 200 ? "closed" : "open" });
  }
  const open = await withToken().listOpen();
  expect(open).toHaveLength(130);
  expect(open.map((change) => change.number)).not.toContain(200);
});
