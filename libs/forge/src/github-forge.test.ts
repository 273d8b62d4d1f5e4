import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Forge, isLabelled } from "./forge.ts";
import { githubForge } from "./github-forge.ts";
import { type GithubServer, startGithubServer } from "./testing/github-server.ts";
import { type ProposedChange, proposeChange } from "./testing/proposed-change.ts";

const project = "acme/shop.js";
const number = 7;
let change: ProposedChange;
let server: GithubServer;

beforeEach(async () => {
  change = await proposeChange(`refs/pull/${number}/head`);
  server = await startGithubServer({ project, gitDir: change.gitDir });
  server.pulls.set(number, { number, branch: "main", state: "open", merged: false, title: "Two" });
  await change.keep("token", `${server.token}\n`);
  await change.keep("key.pem", server.privateKeyPem);
});

afterEach(async () => {
  await server.stop();
  await change.remove();
});

const common = () => ({ kind: "github", project, apiUrl: server.url, merge: "forge" }) as const;
const asApp = (): Forge => {
  const privateKeyFile = change.fileOf("key.pem");
  return githubForge({ ...common(), auth: { kind: "app", appId: server.appId, privateKeyFile } });
};
const withToken = (tokenFile = change.fileOf("token")): Forge =>
  githubForge({ ...common(), auth: { kind: "token", tokenFile } });

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
    await forge.report(number, change.reportOf());
    expect(server.checkRuns).toMatchObject([
      {
        name: "Council",
        head_sha: change.head,
        status: "in_progress",
        external_id: "p01-aaaaaaaa",
      },
    ]);
    const done = change.reportOf({ status: "failure", title: "refused", annotations });
    await forge.report(number, done);
    await asApp().report(number, done);
    expect(server.checkRuns).toMatchObject([
      { status: "completed", conclusion: "failure", output: { annotations_count: 120 } },
    ]);
    const shown = server.checkRuns[0]!["annotations"] as { message: string }[];
    expect(shown.map(({ message }) => message)).toEqual(annotations.map(({ message }) => message));
  });

  test("annotations broken off half way are completed, not repeated", async () => {
    const report = change.reportOf({ status: "failure", annotations });
    await asApp().report(number, change.reportOf());
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
    await forge.report(number, change.reportOf());
    await forge.report(number, change.reportOf({ status: "success", title: "landed" }));
    await forge.report(number, change.reportOf({ status: "success", title: "landed" }));
    expect(server.comments.map(({ body }) => body)).toEqual([
      forged.body,
      expect.stringContaining("### Council: landed"),
    ]);
    expect(server.requests.filter(({ method }) => method === "PATCH")).toHaveLength(2 + 1);
  });

  test("a notice is a comment of its own, made once; an older patch leaves the report alone", async () => {
    const forge = asApp();
    const taken = change.reportOf({ status: "failure", isNewest: false, notice: "**Taken back**" });
    await forge.report(number, taken);
    await forge.report(number, taken);
    expect(server.comments.map(({ body }) => body)).toEqual([
      "<!-- council:notice:p01-aaaaaaaa -->\n**Taken back**",
    ]);
  });

  test("a wrong key is refused, and says so without the key", async () => {
    await change.keep("key.pem", await startGithubKey());
    const failure: unknown = await asApp()
      .readChange(number)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "unauthorized" });
    expect(String(failure)).not.toContain("PRIVATE");
  });
});

async function startGithubKey(): Promise<string> {
  const other = await startGithubServer({ project, gitDir: change.gitDir });
  await other.stop();
  return other.privateKeyPem;
}

describe("with a token", () => {
  test("there is a commit status, written only when it changes", async () => {
    const forge = withToken();
    await forge.report(number, change.reportOf());
    await forge.report(number, change.reportOf({ status: "success", title: "t".repeat(200) }));
    await forge.report(number, change.reportOf({ status: "success", title: "t".repeat(200) }));
    expect(server.statuses).toEqual([
      { state: "pending", description: "audits the change", context: "Council", sha: change.head },
      { state: "success", description: "t".repeat(140), context: "Council", sha: change.head },
    ]);
    expect(server.comments).toHaveLength(1);
  });

  test("a token that is missing or wrong is named by its file", async () => {
    const gone = withToken(change.fileOf("nothing")).readChange(number);
    await expect(gone).rejects.toMatchObject({ code: "unauthorized", message: /nothing/ });
    await change.keep("token", "wrong");
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
    await expect(withToken().report(8, change.reportOf())).rejects.toMatchObject({ isFinal: true });
  });
});

describe("merging", () => {
  const message = "Why.\n\nCouncil-Effect: p01.4.target";
  const merge = (at: string) => withToken().merge(number, { head: at, title: "Two", message });

  test("squashes exactly the audited head, with the trailers at the end of the message", async () => {
    const outcome = await merge(change.head);
    expect(outcome).toEqual({ kind: "merged", commit: change.git("rev-parse", "main") });
    expect(change.git("rev-parse", "main^{tree}")).toBe(
      change.git("rev-parse", `${change.head}^{tree}`),
    );
    expect(change.git("log", "-1", "--format=%(trailers:only)", "main")).toBe(
      "Council-Effect: p01.4.target",
    );
    expect(await withToken().readChange(number)).toMatchObject({
      state: "merged",
      head: change.head,
    });
    expect(await merge(change.head)).toMatchObject({ kind: "refused" });
  });

  test("a head that moved on is not merged", async () => {
    change.git("update-ref", `refs/pull/${number}/head`, change.commit("three\n", [change.head]));
    expect(await merge(change.head)).toEqual({ kind: "head-moved" });
    expect(change.git("rev-parse", "main")).toBe(change.base);
  });

  test("a base that moved in between asks for another try", async () => {
    const said = "Base branch was modified. Review and try the merge again.";
    server.fail({ status: 405, body: { message: said } });
    await expect(merge(change.head)).rejects.toMatchObject({ code: "unreachable" });
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
    change.git("update-ref", `refs/pull/${each}/head`, change.head);
    const pull = { number: each, branch: "main", merged: false, title: "x" };
    server.pulls.set(each, { ...pull, state: each === 200 ? "closed" : "open" });
  }
  const open = await withToken().listOpen();
  expect(open).toHaveLength(130);
  expect(open.map((change) => change.number)).not.toContain(200);
});
