import { baselineSubject, inboxes } from "@council/contracts";
import { describe, expect, test } from "vitest";
import { as, testGateway } from "./test-gateway.ts";

const score = { set: "5".repeat(64), total: 40, wrong: ["n3"] };
const path = "/v1/accuracy/other%2Fone";

describe("a benchmark's baseline", () => {
  test("is an operator's word to the patch controller, under the repository's own subject", async () => {
    await using gateway = await testGateway();
    const body = { score, actor: "ann", reason: "measured twice" };
    expect((await gateway.operate("POST", path, body)).statusCode).toBe(202);
    const [message] = await gateway.messages(inboxes.patchController);
    expect(message).toMatchObject({
      type: "set-accuracy-baseline",
      subject: baselineSubject("other/one"),
      body: { ...body, type: "set-accuracy-baseline" },
    });
    expect((await gateway.operate("GET", path)).json()).toEqual({ repository: "other/one" });
  });

  test("is approved by an approver in their own name, and not by an operator", async () => {
    await using gateway = await testGateway();
    const ask = async (who: "otto" | "ada") =>
      (await gateway.operate("POST", path, { score, actor: "ann", reason: "r" }, as(who)))
        .statusCode;
    expect(await ask("otto")).toBe(403);
    expect(await ask("ada")).toBe(202);
    const sent = await gateway.messages(inboxes.patchController);
    expect(sent).toMatchObject([{ body: { actor: "ada" } }]);
  });

  test("needs a repository under guard, a score that can be one, and the operator's token", async () => {
    await using gateway = await testGateway();
    const ask = async (body: object, where = path) =>
      (await gateway.operate("POST", where, body)).statusCode;
    const sound = { score, reason: "r" };
    expect(await ask(sound, "/v1/accuracy/nobody")).toBe(422);
    expect(await ask({ ...sound, reason: "" })).toBe(422);
    expect(await ask({ ...sound, score: { ...score, wrong: ["a", "a"] } })).toBe(422);
    expect(await ask({ ...sound, floor: 1 })).toBe(422);
    const stranger = { authorization: "Bearer nobody" };
    expect((await gateway.operate("POST", path, sound, stranger)).statusCode).toBe(401);
    expect(await gateway.messages(inboxes.patchController)).toEqual([]);
  });
});
