import { inboxes } from "@council/contracts";
import { describe, expect, test } from "vitest";
import { as, samplePatch, testGateway } from "./test-gateway.ts";

const said = { actor: "somebody else", reason: "it smells" };

describe("what a role allows", () => {
  test.for([
    ["vera", "rollback", 403],
    ["otto", "rollback", 202],
    ["ada", "rollback", 202],
    ["otto", "approve", 403],
    ["ada", "approve", 202],
    ["root", "approve", 202],
  ] as const)("%s: %s is answered %i", async ([name, action, status]) => {
    await using gateway = await testGateway();
    const { id } = (await gateway.submit(samplePatch)).json<{ id: string }>();
    const reply = await gateway.operate("POST", `/v1/patches/${id}/${action}`, said, as(name));
    const sent = (await gateway.messages(inboxes.patchController)).filter(
      ({ type }) => type !== "submit",
    );
    // The token says who acts, whatever the body claims.
    const isMeant = status === 202;
    const acts = isMeant ? [{ body: { actor: name, reason: said.reason } }] : [];
    const answered = isMeant ? {} : { type: "urn:council:problem:role-required" };
    expect({ status: reply.statusCode, sent, answer: reply.json() }).toMatchObject({
      status,
      sent: acts,
      answer: answered,
    });
  });

  test("everybody with a token may read, a stranger may not; landings go on only by an operator", async () => {
    await using gateway = await testGateway();
    const ask = (method: "GET" | "POST", url: string, headers: { authorization: string }) =>
      gateway.operate(method, url, method === "GET" ? undefined : { reason: "r" }, headers);
    expect((await ask("GET", "/v1/patches", as("vera"))).statusCode).toBe(200);
    const stranger = { authorization: "Bearer 0000000000000000" };
    expect((await ask("GET", "/v1/patches", stranger)).statusCode).toBe(401);
    expect((await ask("POST", "/v1/pause", as("ada"))).statusCode).toBe(202);
    expect((await ask("POST", "/v1/resume", as("ada"))).statusCode).toBe(403);
    expect((await ask("POST", "/v1/resume", as("otto"))).statusCode).toBe(202);
    expect((await ask("GET", "/v1/settings", as("vera"))).statusCode).toBe(403);
  });

  test("behind the shared token the body says who it was", async () => {
    await using gateway = await testGateway();
    await gateway.operate("POST", "/v1/pause", said);
    await gateway.operate("POST", "/v1/pause", { reason: "mine" });
    const sent = await gateway.messages(inboxes.patchController);
    expect(sent.map(({ body }) => (body as { actor: string }).actor).sort()).toEqual([
      "operator",
      said.actor,
    ]);
  });
});
