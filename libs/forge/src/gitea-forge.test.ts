import { afterEach, beforeEach, expect, test } from "vitest";
import type { Forge } from "./forge.ts";
import { giteaForge } from "./gitea-forge.ts";
import { type GiteaServer, startGiteaServer } from "./testing/gitea-server.ts";
import { type ProposedChange, proposeChange } from "./testing/proposed-change.ts";

const project = "acme/shop";
const number = 3;
let change: ProposedChange;
let server: GiteaServer;
let forge: Forge;

beforeEach(async () => {
  change = await proposeChange(`refs/pull/${number}/head`);
  server = await startGiteaServer({ project, gitDir: change.gitDir });
  server.pulls.set(number, { number, branch: "main", state: "open", merged: false, title: "Two" });
  const tokenFile = await change.keep("token", server.token);
  const apiUrl = `${server.url}/api/v1`;
  const auth = { kind: "token", tokenFile } as const;
  forge = giteaForge({ kind: "gitea", project, apiUrl, auth, merge: "forge" });
});

afterEach(async () => {
  await server.stop();
  await change.remove();
});

test("P1: a status and one comment, written only when they change, and a notice once", async () => {
  await forge.report(number, change.reportOf());
  const taken = change.reportOf({
    status: "failure",
    title: "taken back",
    notice: "**Taken back**",
  });
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
  await forge.report(number, change.reportOf());
  await forge.report(number, change.reportOf({ title: "rejected", status: "failure" }));
  expect(server.comments).toHaveLength(151);
});

test("P9: merges the audited head and no other", async () => {
  const request = {
    head: change.head,
    title: "Two",
    message: "Why.\n\nCouncil-Effect: p01.4.target",
  };
  const moved = await forge.merge(number, { ...request, head: change.base });
  expect(moved).toEqual({ kind: "head-moved" });
  expect(change.git("rev-parse", "main")).toBe(change.base);
  const outcome = await forge.merge(number, request);
  expect(outcome).toEqual({ kind: "merged", commit: change.git("rev-parse", "main") });
  expect(change.git("rev-parse", "main^{tree}")).toBe(
    change.git("rev-parse", `${change.head}^{tree}`),
  );
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
