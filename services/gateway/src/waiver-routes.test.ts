import { controlCommandSchema, controlSubject, inboxes } from "@council/contracts";
import { emptyControl } from "@council/domain";
import { expect, test } from "vitest";
import { as, storeState, testGateway, type TestGateway } from "./test-gateway.ts";

const hour = 3_600_000;
const asked = () => ({
  repository: "sample",
  rule: "child-process",
  path: "tools/**",
  until: Date.now() + hour,
  reason: "build scripts",
});
const post = (
  gateway: TestGateway,
  body: object,
  who: Parameters<typeof as>[0] = "root",
  headers: object = {},
) => gateway.operate("POST", "/v1/waivers", body, { ...as(who), ...headers });

test("a waiver is an admin's word, under a name of its own, for as long as it says", async () => {
  await using gateway = await testGateway();
  const body = asked();
  const key = { "idempotency-key": "k1" };
  const replies = [await post(gateway, body, "root", key), await post(gateway, body, "root", key)];
  expect(replies.map(({ statusCode }) => statusCode)).toEqual([202, 202]);
  const { waiver } = replies[0]!.json<{ waiver: string }>();
  expect(replies[1]!.json()).toMatchObject({ waiver });
  const [message, ...more] = await gateway.messages(inboxes.patchController);
  expect(more).toEqual([]);
  const { rule: ruleId, ...rest } = body;
  expect(message).toMatchObject({ subject: controlSubject });
  expect(controlCommandSchema.parse(message?.body)).toEqual({
    type: "waive",
    id: waiver,
    ruleId,
    ...rest,
    actor: "root",
    by: { name: "root", roles: ["admin"] },
  });
});

test.for([
  ["of whoever is no admin", {}, "ada", 403, "authorization"],
  ["over a hard rule (P10)", { rule: "secret" }, "root", 422, "rule"],
  ["of a rule there is not", { rule: "x" }, "root", 422, "rule"],
  ["in no guarded repository", { repository: "x" }, "root", 422, "repository"],
  ["for years", { until: 9e15 }, "root", 422, "until"],
  ["without an end", { until: undefined }, "root", 422, "until"],
] as const)("is refused: %s", async ([, changes, who, status, field]) => {
  await using gateway = await testGateway();
  const reply = await post(gateway, { ...asked(), ...changes }, who);
  expect([reply.statusCode, reply.json<{ field?: string }>().field]).toEqual([status, field]);
  expect(await gateway.messages(inboxes.patchController)).toEqual([]);
});

test("it is shown with the stops, and ended by its id", async () => {
  await using gateway = await testGateway();
  const { rule: ruleId, ...rest } = asked();
  const by = { name: "root", roles: ["admin"] } as const;
  const waiver = { id: "w-1", ...rest, ruleId, by, actor: "root", since: 1 };
  const state = { ...emptyControl, waivers: [waiver, { ...waiver, id: "w-0", until: 1 }] };
  const chained = { sequence: 1, chainHead: "0".repeat(64) };
  await storeState(gateway.bus, 0, controlSubject, { state, ...chained });
  expect((await gateway.operate("GET", "/v1/stops")).json()).toMatchObject({ waivers: [waiver] });
  const end = (id: string) =>
    gateway.operate("POST", "/v1/waivers/end", { id, reason: "moved" }, as("otto"));
  expect((await end("w-0")).statusCode).toBe(404);
  expect((await end("w-1")).statusCode).toBe(202);
  const [message] = await gateway.messages(inboxes.patchController);
  expect(controlCommandSchema.parse(message?.body)).toMatchObject({
    type: "end-waiver",
    id: "w-1",
    actor: "otto",
  });
});
