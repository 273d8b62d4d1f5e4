import { controlSubject, inboxes, patchCommandSchema } from "@council/contracts";
import { describe, expect, test } from "vitest";
import { samplePatch, storeState, testGateway, type TestGateway } from "./test-gateway.ts";

const said = { actor: "ada", reason: "it smells" };

async function accepted(gateway: TestGateway, externalId = "7"): Promise<string> {
  const reply = await gateway.submit({ ...samplePatch, externalId });
  return reply.json<{ id: string }>().id;
}

describe("actions on a patch", () => {
  test.each([
    ["rollback", "request-rollback"],
    ["approve", "approve"],
    ["deny", "deny"],
    ["withdraw", "withdraw"],
  ])("%s becomes the command %s", async (action, type) => {
    await using gateway = await testGateway();
    const id = await accepted(gateway);
    const reply = await gateway.operate("POST", `/v1/patches/${id}/${action}`, said);
    expect(reply.statusCode).toBe(202);
    const messages = await gateway.messages(inboxes.patchController);
    const message = messages.find((each) => each.id === reply.json<{ id: string }>().id);
    expect(message).toMatchObject({ type, subject: id, body: { type, ...said } });
    const by = { by: { name: "operator", roles: ["admin"] } };
    const isSigned = ["approve", "deny"].includes(type);
    expect(patchCommandSchema.parse(message!.body)).toEqual({ type, ...said, ...(isSigned && by) });
  });

  test("PATCH /rollback finds the patch by its external id", async () => {
    await using gateway = await testGateway();
    const id = await accepted(gateway, "o/r#7");
    const reply = await gateway.operate("PATCH", `/rollback?pr_id=${encodeURIComponent("o/r#7")}`);
    expect([reply.statusCode, reply.json()]).toMatchObject([
      202,
      { status: "accepted", patch: id },
    ]);
    const messages = await gateway.messages(inboxes.patchController);
    expect(messages.map(({ type }) => type)).toEqual(["submit", "request-rollback"]);
    expect((await gateway.operate("PATCH", "/rollback?pr_id=8")).statusCode).toBe(404);
    expect((await gateway.operate("PATCH", "/rollback")).statusCode).toBe(422);
  });

  test("P1: one idempotency key is one action, and never another", async () => {
    await using gateway = await testGateway();
    const id = await accepted(gateway);
    const key = { "idempotency-key": "k1" };
    const act = (action: string, headers: Record<string, string>) =>
      gateway.operate("POST", `/v1/patches/${id}/${action}`, said, headers);
    const replies = await Promise.all([act("rollback", key), act("rollback", key)]);
    expect(replies.map((reply) => reply.statusCode)).toEqual([202, 202]);
    expect(replies[0]!.json()).toEqual(replies[1]!.json());
    const other = await act("approve", key);
    expect([other.statusCode, other.json<{ type: string }>().type]).toEqual([
      409,
      "urn:council:problem:action-conflict",
    ]);
    await act("rollback", {});
    const messages = await gateway.messages(inboxes.patchController);
    expect(messages.map(({ type }) => type)).toEqual([
      "submit",
      "request-rollback",
      "request-rollback",
    ]);
    expect((await act("rollback", { "idempotency-key": "a b" })).statusCode).toBe(400);
  });

  test("P4: a rollback gets through a full inbox", async () => {
    await using gateway = await testGateway({ backpressureLimit: 1 });
    const id = await accepted(gateway);
    const fill = async (title: string) =>
      (await gateway.submit({ ...samplePatch, title })).statusCode;
    expect([await fill("1"), await fill("2")]).toEqual([202, 429]);
    const reply = await gateway.operate("POST", `/v1/patches/${id}/rollback`, said);
    expect(reply.statusCode).toBe(202);
  });

  test.each([
    ["/v1/patches/p01-abcdefgh/rollback", said, 404, "patch-unknown"],
    ["/v1/patches/p01-abcdefgh/rollback", { actor: "ada" }, 422, "body-invalid"],
    ["/v1/pause", { ...said, force: true }, 422, "body-invalid"],
    ["/v1/pause", { actor: "", reason: "x" }, 422, "body-invalid"],
    ["/v1/resume", [], 422, "body-invalid"],
  ])("POST %s %j is refused", async (url, body, status, code) => {
    await using gateway = await testGateway();
    const reply = await gateway.operate("POST", url, body);
    expect([reply.statusCode, reply.json<{ type: string }>().type]).toEqual([
      status,
      `urn:council:problem:${code}`,
    ]);
  });
});

describe("actions on all of Council", () => {
  test.each(["pause", "resume"])("%s goes to the controller's switch", async (type) => {
    await using gateway = await testGateway();
    const reply = await gateway.operate("POST", `/v1/${type}`, said);
    expect(reply.statusCode).toBe(202);
    const depth = await gateway.bus.depth();
    expect(depth.filter(({ length }) => length > 0).map(({ partition }) => partition)).toEqual([0]);
    expect(await gateway.messages(inboxes.patchController)).toMatchObject([
      { type, subject: controlSubject, body: { type, ...said } },
    ]);
  });

  test("whether landings are paused can be read, with who said so and why", async () => {
    await using gateway = await testGateway();
    const read = async () => (await gateway.operate("GET", "/v1/pause")).json<unknown>();
    expect(await read()).toEqual({ isPaused: false });
    const control = { isPaused: true, ...said, at: 5 };
    await storeState(gateway.bus, 0, controlSubject, control);
    expect(await read()).toEqual(control);
    expect((await gateway.app.inject("/v1/pause")).statusCode).toBe(401);
  });

  test("dead letters are listed and sent back once", async () => {
    await using gateway = await testGateway();
    const id = await accepted(gateway);
    const buried = Promise.withResolvers<void>();
    const consumer = gateway.bus.consume({
      inbox: inboxes.patchController,
      maxDeliveries: 1,
      handler: () => Promise.reject(new Error("poison")),
      onOutcome: ({ kind }) => kind === "dead-lettered" && buried.resolve(),
    });
    await buried.promise;
    await consumer.stop();
    const listed = await gateway.operate("GET", "/v1/dead-letters");
    const [letter] = listed.json<{ deadLetters: { id: string; inbox: string; error: string }[] }>()
      .deadLetters;
    expect(letter!.error).toContain("poison");
    const name = { inbox: letter!.inbox, id: letter!.id };
    const redrive = () => gateway.operate("POST", "/v1/dead-letters/redrive", name);
    expect([(await redrive()).statusCode, (await redrive()).statusCode]).toEqual([202, 404]);
    const queues = await gateway.operate("GET", "/v1/queues");
    expect(queues.json<{ queues: { inbox: string; length: number }[] }>().queues).toContainEqual(
      expect.objectContaining({ inbox: inboxes.patchController, length: 1 }),
    );
    const messages = await gateway.messages(inboxes.patchController);
    expect(messages.map(({ subject }) => subject)).toEqual([id]);
  });

  test.each([
    [{ inbox: "x:y" }, "id"],
    [{ inbox: "a\nb", id: "1:1-1" }, "inbox"],
    [{ inbox: "x", id: "1:1-1", force: 1 }, "force"],
    ["text", "inbox"],
  ])("a redrive of %j is refused", async (body, field) => {
    await using gateway = await testGateway();
    const reply = await gateway.operate("POST", "/v1/dead-letters/redrive", body);
    expect([reply.statusCode, reply.json<{ field: string }>().field]).toEqual([422, field]);
  });

  test.each([
    ["POST", "/v1/patches/p01-abcdefgh/rollback"],
    ["POST", "/v1/patches/p01-abcdefgh/approve"],
    ["POST", "/v1/patches/p01-abcdefgh/withdraw"],
    ["POST", "/v1/patches/p01-abcdefgh/deny"],
    ["POST", "/v1/patches/p01-abcdefgh/bypass"],
    ["POST", "/v1/patches/p01-abcdefgh/release"],
    ["POST", "/v1/stops"],
    ["POST", "/v1/stops/lift"],
    ["POST", "/v1/delegations"],
    ["POST", "/v1/delegations/end"],
    ["POST", "/v1/pause"],
    ["POST", "/v1/resume"],
    ["PATCH", "/rollback?pr_id=7"],
    ["GET", "/v1/dead-letters"],
    ["POST", "/v1/dead-letters/redrive"],
    ["GET", "/v1/queues"],
  ] as const)("%s %s needs the token, also where reading is open", async (method, url) => {
    await using gateway = await testGateway({ readAccess: "open" });
    for (const authorization of [undefined, "Bearer ", "Bearer wrong", gateway.operatorToken]) {
      const headers = authorization === undefined ? {} : { authorization };
      const reply = await gateway.app.inject({ method, url, headers });
      expect(reply.statusCode).toBe(401);
    }
  });
});
