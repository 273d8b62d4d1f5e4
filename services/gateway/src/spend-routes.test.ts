import { describe, expect, test } from "vitest";
import type { SpendReport } from "./spend-report.ts";
import { testGateway, type TestGateway } from "./test-gateway.ts";

const said = { actor: "ada", reason: "it burns" };
const paidRepository = {
  id: "sample",
  remote: "/nowhere",
  policy: {
    seats: [
      { head: "guard", family: "rules", mustVote: true },
      { head: "gemini", family: "gemini", isModel: true },
      { head: "openai", family: "gpt", isModel: true },
    ],
  },
};
const gatewayWith = (caps = { day: 100_000, head: 60_000 }) =>
  testGateway({ repositories: [paidRepository], caps });
const callOf = (callId: string, head = "gemini", worstCaseMicroUsd = 50_000) => ({
  callId,
  head,
  repository: "sample",
  sender: "=1+1",
  patchId: "p00-abcdefgh",
  model: "model-1",
  worstCaseMicroUsd,
});
const report = async (gateway: TestGateway) =>
  (await gateway.operate("GET", "/v1/spend")).json<SpendReport>();

describe("what is spent", () => {
  test("is told by window, head, model and repository, with what is left and when it resets", async () => {
    await using gateway = await gatewayWith();
    await gateway.spending.reserve(callOf("a"));
    await gateway.spending.settle("a", 40_000);
    await gateway.spending.reserve(callOf("b", "openai"));
    const told = await report(gateway);
    const day = told.windows.find(({ cap }) => cap === "day");
    expect(day).toMatchObject({
      limitMicroUsd: 100_000,
      spentMicroUsd: 40_000,
      heldMicroUsd: 50_000,
      usedRatio: 0.9,
      warningRatio: 0.9,
    });
    expect(day!.resetAt % 86_400_000).toBe(0);
    expect(told.windows.find(({ cap }) => cap === "hour")).toMatchObject({ limitMicroUsd: null });
    expect(told.heads.map(({ cap, usedRatio }) => [cap, usedRatio])).toEqual([
      ["head:gemini", 40 / 60],
      ["head:openai", 50 / 60],
    ]);
    expect(told.month.head).toMatchObject([
      { name: "gemini", calls: 1, spentMicroUsd: 40_000 },
      { name: "openai", calls: 1, heldMicroUsd: 50_000 },
    ]);
    expect(told).toMatchObject({ suspended: [], mode: "normal" });
  });

  test("a head without money is named with the reason and the reset time", async () => {
    await using gateway = await gatewayWith({ day: 100_000, head: 50_000 });
    await gateway.spending.reserve(callOf("a"));
    const { suspended } = await report(gateway);
    expect(suspended).toMatchObject([
      { head: "gemini", cap: "head", reason: 'the cap "head" is used up' },
    ]);
    expect(suspended[0]!.resetAt).toBeGreaterThan(Date.now());
  });

  test("goes out as CSV, and no name becomes a formula", async () => {
    await using gateway = await gatewayWith();
    await gateway.spending.reserve({ ...callOf("a"), model: 'mo"del,1' });
    await gateway.spending.settle("a", 7);
    const reply = await gateway.operate("GET", "/v1/spend.csv");
    expect(reply.headers["content-type"]).toMatch(/^text\/csv/);
    const [head, row, end] = reply.body.split("\r\n");
    expect(head).toBe(
      "at,call,state,head,model,repository,sender,patch,reserved_micro_usd,charged_micro_usd",
    );
    expect(row!.slice(row!.indexOf(","))).toBe(
      `,a,settled,gemini,"mo""del,1",sample,'=1+1,p00-abcdefgh,50000,7`,
    );
    expect(end).toBe("");
    const none = await gateway.operate("GET", "/v1/spend.csv?since=2999-01-01");
    expect(none.body.split("\r\n")).toHaveLength(2);
    const wrong = await gateway.operate("GET", "/v1/spend.csv?since=yesterday");
    expect([wrong.statusCode, wrong.json<{ field: string }>().field]).toEqual([422, "since"]);
  });

  test("stands in the metrics", async () => {
    await using gateway = await gatewayWith();
    await gateway.spending.reserve(callOf("a"));
    const { body } = await gateway.app.inject({ url: "/metrics" });
    expect(body).toMatch(/council_budget_reserved_usd\{window="day",service="gateway"\} 0.05/);
    expect(body).toMatch(/council_budget_limit_usd\{window="day",service="gateway"\} 0.1/);
    expect(body).toMatch(/cost_daily_burn_rate\{service="gateway"\} [\d.]+/);
    expect(body).toMatch(/council_degraded\{service="gateway"\} 0/);
  });
});

describe("the emergency stop", () => {
  test("stops spending before it is answered, and resume allows it again", async () => {
    await using gateway = await gatewayWith();
    const stopped = await gateway.operate("POST", "/emergency_stop", said);
    expect([stopped.statusCode, stopped.json()]).toEqual([200, { kind: "stopped", ...said }]);
    expect(await gateway.spending.reserve(callOf("a"))).toMatchObject({
      kind: "refused",
      cap: "emergency-stop",
      reason: "stopped by ada: it burns",
    });
    expect(await report(gateway)).toMatchObject({
      stop: said,
      suspended: [{ head: "gemini", cap: "emergency-stop" }, { head: "openai" }],
    });
    expect((await gateway.operate("POST", "/resume", said)).statusCode).toBe(200);
    expect(await gateway.spending.reserve(callOf("a"))).toEqual({ kind: "reserved" });
  });

  test("needs no body, but the operator's token and a sound body where there is one", async () => {
    await using gateway = await gatewayWith();
    expect((await gateway.operate("POST", "/emergency_stop")).statusCode).toBe(200);
    expect((await gateway.operate("POST", "/resume", { actor: "" })).statusCode).toBe(422);
    const open = await gateway.app.inject({ method: "POST", url: "/resume" });
    expect(open.statusCode).toBe(401);
    expect((await report(gateway)).stop).toMatchObject({ actor: "operator" });
  });
});
