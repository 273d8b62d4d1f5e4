import {
  controlCommandSchema,
  controlSubject,
  inboxes,
  patchCommandSchema,
  recordCommandSchema,
  recordSubject,
} from "@council/contracts";
import { emptyControl, emptyRecord, type PatchEvent } from "@council/domain";
import { describe, expect, test } from "vitest";
import { as, recordEvents, storeState, testGateway, type TestGateway } from "./test-gateway.ts";
import { revertedHistory, testPatch } from "./test-patch.ts";

const hour = 3_600_000;
const said = { reason: "it smells" };
const chained = { sequence: 1, chainHead: "0".repeat(64) };
const post = (gateway: TestGateway, url: string, body: object, who: Parameters<typeof as>[0]) =>
  gateway.operate("POST", url, body, as(who));
const sent = async (gateway: TestGateway) =>
  (await gateway.messages(inboxes.patchController)).map(({ subject, body }) => ({ subject, body }));

describe("stops", () => {
  test("are set on what there is, under the name of who sets them", async () => {
    await using gateway = await testGateway();
    const until = new Date(Date.now() + hour).toISOString();
    const stop = { scope: { kind: "head", name: "rules" }, until, ...said };
    expect((await post(gateway, "/v1/stops", stop, "ada")).statusCode).toBe(202);
    const [message] = await sent(gateway);
    expect(message).toMatchObject({
      subject: controlSubject,
      body: { type: "stop", scope: stop.scope, actor: "ada", until: Date.parse(until) },
    });
    expect(controlCommandSchema.safeParse(message?.body).error).toBeUndefined();
  });

  test.for([
    ["a head nobody has", { scope: { kind: "head", name: "nobody" } }, 422, "scope.name"],
    ["a repository nobody guards", { scope: { kind: "repository", name: "x" } }, 422, "scope.name"],
    ["no such patch", { scope: { kind: "patch", name: "p01-nobody000000" } }, 404, "scope.name"],
    ["an end in the past", { scope: { kind: "author", name: "x" }, until: 5 }, 422, "until"],
    ["an end after years", { scope: { kind: "author", name: "x" }, until: 9e15 }, 422, "until"],
  ] as const)("are refused: %s", async ([, body, status, field]) => {
    await using gateway = await testGateway();
    const reply = await post(gateway, "/v1/stops", { ...body, ...said }, "otto");
    expect([reply.statusCode, reply.json<{ field: string }>().field]).toEqual([status, field]);
  });

  test("P4: hold one patch, which then says so, until they are lifted by any of its names", async () => {
    await using gateway = await testGateway();
    const id = "p01-aaaaaaaa0001";
    await recordEvents(gateway.bus, id, 1, revertedHistory(testPatch(id, 1)).slice(0, -2));
    const scope = { kind: "patch", name: id } as const;
    expect((await post(gateway, "/v1/stops", { scope, ...said }, "ada")).statusCode).toBe(202);
    const [message] = await sent(gateway);
    expect(message).toMatchObject({ subject: controlSubject, body: { type: "stop", scope } });
    const stop = { scope, actor: "ada", since: 1, ...said };
    const state = { ...emptyControl, stops: [stop] };
    await storeState(gateway.bus, 0, controlSubject, { state, ...chained });
    const shown = await gateway.operate("GET", `/v1/patches/${id}`);
    expect(shown.json()).toMatchObject({ kind: "watching", stop });
    const rollback = await post(gateway, `/v1/patches/${id}/rollback`, said, "ada");
    expect(rollback.statusCode).toBe(202);
    expect((await post(gateway, "/v1/stops/lift", { scope, ...said }, "otto")).statusCode).toBe(
      202,
    );
    const listed = async () =>
      (await gateway.operate("GET", "/v1/stops")).json<{ stops: unknown[] }>().stops;
    expect(await listed()).toEqual([stop]);
    await recordEvents(gateway.bus, id, 1, [{ type: "Settled" }]);
    expect(await listed()).toEqual([]);
    const late = await post(gateway, "/v1/stops", { scope, ...said }, "ada");
    expect([late.statusCode, late.json<{ detail: string }>().detail]).toEqual([
      422,
      "the patch is settled: nothing of it lands any more",
    ]);
  });

  test("are listed with quarantines and refused changes, and lifted where they stand", async () => {
    await using gateway = await testGateway();
    const author = { kind: "author", name: "demo" } as const;
    const stop = { scope: author, actor: "council", reason: "3 reverts", since: 1 };
    const change = { patchId: "p01-x", semanticDigest: "5".repeat(64), reason: "slow", at: 1 };
    const record = { ...emptyRecord, stops: [stop], refused: [change] };
    const partition = gateway.bus.partitionOf("sample");
    await storeState(gateway.bus, partition, recordSubject("sample"), {
      state: record,
      ...chained,
    });
    expect((await gateway.operate("GET", "/v1/stops")).json()).toEqual({
      stops: [{ ...stop, repository: "sample" }],
      refused: [{ ...change, repository: "sample" }],
      waivers: [],
    });
    const lift = (scope: object, who: "ada" | "otto") =>
      post(gateway, "/v1/stops/lift", { scope, ...said }, who);
    expect((await lift(author, "ada")).statusCode).toBe(403);
    expect((await lift({ kind: "head", name: "rules" }, "otto")).statusCode).toBe(404);
    expect((await lift(author, "otto")).statusCode).toBe(202);
    const [message] = await sent(gateway);
    expect(message?.subject).toBe(recordSubject("sample"));
    expect(recordCommandSchema.parse(message?.body)).toMatchObject({ type: "lift", actor: "otto" });
  });
});

test("freezes and quotas are told with what holds now and how much is used", async () => {
  const zone = { timeZone: "UTC", reason: "moving" };
  const everyDay = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
  const freezes = [{ kind: "weekly", days: everyDay, from: "00:00", to: "24:00", ...zone }];
  await using gateway = await testGateway({
    repositories: [
      { id: "sample", remote: "/nowhere", policy: { freezes } },
      { id: "other/one", remote: "/nowhere" },
    ],
  });
  const partition = gateway.bus.partitionOf("sample");
  const landings = [{ patchId: "p01-x", author: "demo", at: Date.now() - 1000 }];
  const state = { ...emptyRecord, landings };
  await storeState(gateway.bus, partition, recordSubject("sample"), { state, ...chained });
  const reply = await gateway.operate("GET", "/v1/limits", undefined, as("vera"));
  expect(reply.json()).toMatchObject({
    repositories: [
      {
        repository: "sample",
        frozen: { reason: "moving", until: expect.any(Number) },
        limits: { landingsPerDay: 3 },
        authors: [{ author: "demo", landings: 1, emergencies: 0, reverts: 0 }],
      },
      { repository: "other/one", freezes: [], authors: [] },
    ],
  });
  expect((await gateway.app.inject("/v1/limits")).statusCode).toBe(401);
});

test("whoever holds a token learns whose it is; nobody else learns anything", async () => {
  await using gateway = await testGateway({ readAccess: "open" });
  const me = (headers?: Record<string, string>) =>
    gateway.app.inject({ url: "/v1/me", ...(headers ? { headers } : {}) });
  expect((await me(as("ada"))).json()).toEqual({
    name: "ada",
    roles: ["approver"],
    isShared: false,
  });
  const shared = await gateway.operate("GET", "/v1/me");
  expect(shared.json()).toMatchObject({ name: "operator", isShared: true });
  expect((await me()).statusCode).toBe(401);
});

/** A patch that waits for a person, whom its policy asks in two steps. */
async function held(gateway: TestGateway, id: string, more: readonly PatchEvent[] = []) {
  const patch = testPatch(id, Date.now() - 1000, { repository: "sample", author: "eve" });
  const steps = [
    { name: "peer", count: 1 },
    { name: "security", count: 1, operators: ["root"] },
  ];
  const policy = { ...patch.policy, approvalSteps: steps };
  const candidate = {
    base: patch.base,
    tree: "t".repeat(40),
    diff: "d".repeat(64),
    digest: "g".repeat(64),
    semanticDigest: "s".repeat(64),
    tier: "data",
    riskTags: [],
    paths: [],
  } as const;
  const round = { nonce: "n", seats: [], requirement: { approvals: 2, reasons: [] } };
  await recordEvents(gateway.bus, id, 1, [
    { type: "PatchSubmitted", patch: { ...patch, policy } },
    { type: "AuditStarted", candidate, suspended: [], ...round },
    { type: "Held", reason: { kind: "autonomy", detail: "tier data" } },
    ...more,
  ]);
}

describe("approvals", () => {
  const id = "p01-aaaaaaaa0001";
  const approve = (gateway: TestGateway, who: Parameters<typeof as>[0]) =>
    post(gateway, `/v1/patches/${id}/approve`, said, who);

  test("say who has approved, who is asked next, and when silence is a no", async () => {
    await using gateway = await testGateway();
    await held(gateway, id);
    const detail = (await gateway.operate("GET", `/v1/patches/${id}`)).json<{
      approval: { open: string; expiresAt: number; steps: object[] };
    }>();
    expect(detail.approval).toMatchObject({
      open: "peer",
      steps: [
        { name: "peer", needed: 1, given: [], roles: ["approver"] },
        { name: "security", operators: ["root"] },
      ],
    });
    expect(detail.approval.expiresAt).toBeGreaterThan(Date.now());
  });

  test("that cannot count are refused at once, with the reason; the others carry who gives them", async () => {
    await using gateway = await testGateway();
    const approved = {
      type: "Approved",
      actor: "ada",
      by: "ada",
      step: "peer",
      reason: "r",
      at: 1,
    };
    await held(gateway, id, [approved as PatchEvent]);
    const again = await approve(gateway, "ada");
    expect([again.statusCode, again.json<{ detail: string }>().detail]).toEqual([
      409,
      "ada has approved already",
    ]);
    expect((await approve(gateway, "bob")).json<{ detail: string }>().detail).toContain(
      "asks root",
    );
    expect((await approve(gateway, "otto")).statusCode).toBe(403);
    expect((await approve(gateway, "root")).statusCode).toBe(202);
    const [message] = await sent(gateway);
    expect(patchCommandSchema.parse(message?.body)).toMatchObject({
      type: "approve",
      actor: "root",
      by: { name: "root", roles: ["admin"] },
    });
  });

  test("of a stand-in are taken while the delegation lasts", async () => {
    await using gateway = await testGateway();
    await held(gateway, id);
    const until = Date.now() + hour;
    const delegation = { to: "otto", until, ...said };
    expect((await post(gateway, "/v1/delegations", delegation, "otto")).statusCode).toBe(403);
    expect((await post(gateway, "/v1/delegations", delegation, "ada")).statusCode).toBe(202);
    const [message] = await sent(gateway);
    expect(message?.body).toMatchObject({ type: "delegate", from: { name: "ada" }, to: "otto" });
    const { from, to } = message!.body as { from: { name: string; roles: string[] }; to: string };
    const delegations = [{ from, to, until, actor: "ada", reason: "r", since: 1 }];
    const state = { ...emptyControl, delegations };
    await storeState(gateway.bus, 0, controlSubject, { state, ...chained });
    expect((await approve(gateway, "otto")).statusCode).toBe(202);
    const listed = (await gateway.operate("GET", "/v1/delegations")).json();
    expect(listed).toEqual({ delegations });
    const end = (who: "ada" | "bob" | "root", more: object) =>
      post(gateway, "/v1/delegations/end", { to: "otto", ...said, ...more }, who);
    expect((await end("bob", {})).statusCode).toBe(404);
    expect((await end("bob", { from: "ada" })).statusCode).toBe(403);
    expect((await end("root", { from: "ada" })).statusCode).toBe(202);
  });
});

describe("a bypass and a release", () => {
  const id = "p01-aaaaaaaa0001";

  test("are an admin's for at most a day, and an operator's for what is refused", async () => {
    await using gateway = await testGateway();
    await held(gateway, id);
    const bypass = (until: number, who: "otto" | "root") =>
      post(gateway, `/v1/patches/${id}/bypass`, { until, ...said }, who);
    expect((await bypass(Date.now() + hour, "otto")).statusCode).toBe(403);
    expect((await bypass(Date.now() + 25 * hour, "root")).statusCode).toBe(422);
    expect((await bypass(Date.now() + hour, "root")).statusCode).toBe(202);
    const release = () => post(gateway, `/v1/patches/${id}/release`, said, "otto");
    expect((await release()).statusCode).toBe(404);
    const change = { patchId: id, semanticDigest: "5".repeat(64), reason: "slow", at: 1 };
    const state = { ...emptyRecord, refused: [change] };
    const partition = gateway.bus.partitionOf("sample");
    await storeState(gateway.bus, partition, recordSubject("sample"), { state, ...chained });
    expect((await release()).statusCode).toBe(202);
    const [first, last] = await sent(gateway);
    expect(patchCommandSchema.safeParse(first?.body).error).toBeUndefined();
    expect(recordCommandSchema.parse(last?.body)).toMatchObject({ patchId: id, actor: "otto" });
  });
});
