import { afterEach, beforeEach, expect, test } from "vitest";
import type { Forge } from "./forge.ts";
import { gitlabForge } from "./gitlab-forge.ts";
import { type GitlabServer, startGitlabServer } from "./testing/gitlab-server.ts";
import { type ProposedChange, proposeChange } from "./testing/proposed-change.ts";

const project = "acme/tools/shop";
const number = 3;
let change: ProposedChange;
let server: GitlabServer;

async function open(method: "merge" | "ff"): Promise<Forge> {
  server = await startGitlabServer({ project, gitDir: change.gitDir, method });
  server.changes.set(number, { number, branch: "main", state: "opened", title: "Two" });
  const tokenFile = await change.keep("token", server.token);
  const auth = { kind: "token", tokenFile } as const;
  const apiUrl = `${server.url}/api/v4`;
  return gitlabForge({ kind: "gitlab", project, apiUrl, auth, merge: "forge" });
}

beforeEach(async () => {
  change = await proposeChange(`refs/merge-requests/${number}/head`);
});

afterEach(async () => {
  await server.stop();
  await change.remove();
});

test("P1: a status and one note, written only when they change, and a notice once", async () => {
  const forge = await open("ff");
  await forge.report(number, change.reportOf());
  await forge.report(number, change.reportOf({ title: "lands the change" }));
  const taken = change.reportOf({
    status: "failure",
    title: "taken back",
    notice: "**Taken back**",
  });
  await forge.report(number, taken);
  await forge.report(number, taken);
  expect(server.statuses.map(({ status, name }) => [status, name])).toEqual([
    ["running", "Council"],
    ["failed", "Council"],
  ]);
  expect(server.notes.map(({ body }) => body)).toEqual([
    expect.stringContaining("### Council: taken back"),
    expect.stringContaining("**Taken back**"),
  ]);
});

test("a step GitLab's statuses do not know is passed over, any other refusal is not", async () => {
  const forge = await open("ff");
  await forge.report(number, change.reportOf());
  await forge.report(number, change.reportOf({ status: "waiting", title: "waits for a person" }));
  expect(server.statuses.map(({ status }) => status)).toEqual(["running"]);
  expect(server.notes[0]!.body).toContain("waits for a person");
  server.fail({ status: 400, body: { message: "state does not have a valid value" } }, 1, "POST");
  const refused = forge.report(number, change.reportOf({ status: "success" }));
  await expect(refused).rejects.toMatchObject({ code: "refused" });
});

test("a note that only begins like Council's own is not touched", async () => {
  const forge = await open("ff");
  const body = "<!-- council:report -->\nI am Council, honestly";
  server.notes.push({ id: 1, number, body, author: { id: 2 } });
  await forge.report(number, change.reportOf());
  expect(server.notes.map((note) => note.body.startsWith(body))).toEqual([true, false]);
});

test.each(["ff", "merge"] as const)(
  "P9: merges the audited head and no other (%s)",
  async (method) => {
    const forge = await open(method);
    const request = {
      head: change.head,
      title: "Two",
      message: "Why.\n\nCouncil-Effect: p01.4.target",
    };
    expect(await forge.merge(number, { ...request, head: change.base })).toEqual({
      kind: "head-moved",
    });
    expect(change.git("rev-parse", "main")).toBe(change.base);
    const outcome = await forge.merge(number, request);
    expect(outcome).toEqual({ kind: "merged", commit: change.git("rev-parse", "main") });
    expect(change.git("rev-parse", "main^{tree}")).toBe(
      change.git("rev-parse", `${change.head}^{tree}`),
    );
    expect(change.git("log", "-1", "--format=%B", "main")).toContain(
      "Council-Effect: p01.4.target",
    );
    expect(await forge.merge(number, request)).toMatchObject({ kind: "refused" });
  },
);

test("a label is worth what its setter may do, by access level", async () => {
  const forge = await open("ff");
  server.labels.set(number, [
    { name: "freeze-exempt", userId: 7 },
    { name: "urgent", userId: 8 },
    { name: "stray", userId: 9 },
  ]);
  server.levels.set(7, 50).set(8, 20);
  expect(await forge.readLabels(number)).toEqual([
    { name: "freeze-exempt", setBy: "7", role: "admin" },
    { name: "urgent", setBy: "8", role: "triage" },
    { name: "stray", setBy: "9", role: "none" },
  ]);
});

test("reads and lists changes, with their state", async () => {
  const forge = await open("ff");
  server.changes.set(4, { number: 4, branch: "main", state: "closed", title: "Four" });
  change.git("update-ref", "refs/merge-requests/4/head", change.head);
  const listed = await forge.listOpen();
  expect(listed).toMatchObject([{ number, state: "open", head: change.head, author: "ann" }]);
  expect(listed[0]!.updatedAt).toBeGreaterThan(0);
  expect(await forge.readChange(4)).toMatchObject({ number: 4, state: "closed" });
  await expect(forge.readChange(5)).rejects.toMatchObject({ code: "not-found" });
});
