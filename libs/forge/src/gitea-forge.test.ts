import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Forge, Report } from "./forge.ts";
import { giteaForge } from "./gitea-forge.ts";
import { type GiteaServer, startGiteaServer } from "./testing/gitea-server.ts";

const project = "acme/shop";
const number = 3;
let dir: string;
let base: string;
let head: string;
let server: GiteaServer;
let forge: Forge;

function git(...args: string[]): string {
  const env = { PATH: process.env["PATH"], GIT_CONFIG_GLOBAL: "/dev/null" };
  const who = ["-c", "user.name=a", "-c", "user.email=a@example.test"];
  return execFileSync("git", [...who, ...args], { cwd: dir, env, input: "" })
    .toString()
    .trim();
}

function commit(text: string, parents: readonly string[]): string {
  const blob = execFileSync("git", ["hash-object", "-w", "--stdin"], { cwd: dir, input: text });
  const entry = `100644 blob ${blob.toString().trim()}\ta.txt\n`;
  const tree = execFileSync("git", ["mktree"], { cwd: dir, input: entry }).toString().trim();
  return git("commit-tree", tree, "-m", "c", ...parents.flatMap((each) => ["-p", each]));
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "council-forge-"));
  git("init", "--quiet", "--bare", ".");
  base = commit("one\n", []);
  head = commit("two\n", [base]);
  git("update-ref", "refs/heads/main", base);
  git("update-ref", `refs/pull/${number}/head`, head);
  server = await startGiteaServer({ project, gitDir: dir });
  server.pulls.set(number, { number, branch: "main", state: "open", merged: false, title: "Two" });
  const tokenFile = join(dir, "token");
  await writeFile(tokenFile, server.token);
  const apiUrl = `${server.url}/api/v1`;
  const auth = { kind: "token", tokenFile } as const;
  forge = giteaForge({ kind: "gitea", project, apiUrl, auth, merge: "forge" });
});

afterEach(async () => {
  await server.stop();
  await rm(dir, { recursive: true, force: true });
});

const reportOf = (changes: Partial<Report> = {}): Report => ({
  patchId: "p01-aaaaaaaa",
  head,
  status: "running",
  title: "audits the change",
  summary: "In audit.",
  annotations: [],
  isNewest: true,
  ...changes,
});

test("P1: a status and one comment, written only when they change, and a notice once", async () => {
  await forge.report(number, reportOf());
  const taken = reportOf({ status: "failure", title: "taken back", notice: "**Taken back**" });
  await forge.report(number, taken);
  await forge.report(number, taken);
  expect(server.statuses.map(({ status, context }) => [status, context])).toEqual([
    ["pending", "Council"],
    ["failure", "Council"],
  ]);
  expect(server.comments.map(({ body }) => body)).toEqual([
    expect.stringContaining("### Council: taken back"),
    expect.stringContaining("**Taken back**"),
  ]);
});

test("more comments than a page, in a listing without pages, are read once", async () => {
  for (let id = 1; id <= 150; id += 1)
    server.comments.push({ id, number, body: `talk ${id}`, user: { id: 2 } });
  await forge.report(number, reportOf());
  await forge.report(number, reportOf({ title: "rejected", status: "failure" }));
  expect(server.comments).toHaveLength(151);
});

test("P9: merges the audited head and no other", async () => {
  const request = { head, title: "Two", message: "Why.\n\nCouncil-Effect: p01.4.target" };
  const moved = await forge.merge(number, { ...request, head: base });
  expect(moved).toEqual({ kind: "head-moved" });
  expect(git("rev-parse", "main")).toBe(base);
  const outcome = await forge.merge(number, request);
  expect(outcome).toEqual({ kind: "merged", commit: git("rev-parse", "main") });
  expect(git("rev-parse", "main^{tree}")).toBe(git("rev-parse", `${head}^{tree}`));
  expect(await forge.merge(number, request)).toMatchObject({ kind: "refused" });
});

test("a label is worth what its setter may do", async () => {
  server.labels.set(number, [
    { name: "freeze-exempt", login: "ann" },
    { name: "urgent", login: "mallory" },
  ]);
  server.roles.set("ann", "owner");
  server.roles.set("mallory", "read");
  expect(await forge.readLabels(number)).toEqual([
    { name: "freeze-exempt", setBy: "ann", role: "admin" },
    { name: "urgent", setBy: "mallory", role: "read" },
  ]);
});
