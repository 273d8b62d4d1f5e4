import { openBus } from "@council/bus";
import { inboxes, type LedgerEntry, patchCommandSchema, routes } from "@council/contracts";
import type { Patch } from "@council/domain";
import { patchTrace } from "@council/evidence";
import { secretShapes } from "@council/runtime/secret-corpus";
import { describe, expect, test } from "vitest";
import { externalKey, nextKey, newestRevision } from "./patch-names.ts";
import { sha256 } from "./take-patch.ts";
import { newSecret, recordEvents, samplePatch, testGateway } from "./test-gateway.ts";

const problemType = (code: string) => `urn:council:problem:${code}`;

async function submitted(gateway: Awaited<ReturnType<typeof testGateway>>): Promise<Patch[]> {
  const messages = await gateway.messages(inboxes.patchController);
  return messages.map(({ body }) => (body as { patch: Patch }).patch);
}

describe("POST /v1/patches", () => {
  test("P8: answers 202 once the patch is stored, with policy, blob and place", async () => {
    await using gateway = await testGateway();
    const reply = await gateway.submit(samplePatch);
    expect(reply.statusCode).toBe(202);
    const { id } = reply.json<{ id: string }>();
    expect(reply.json()).toEqual({ id, url: `/v1/patches/${id}`, duplicate: false });
    expect(reply.headers["location"]).toBe(`/v1/patches/${id}`);
    expect(id).toMatch(/^p\d\d-[0-9a-z]{12}$/);
    const partition = gateway.bus.partitionOf("sample");
    expect(Number(id.slice(1, 3))).toBe(partition);
    const [message, ...others] = await gateway.messages(inboxes.patchController);
    expect(others).toEqual([]);
    expect(message).toMatchObject({ type: "submit", subject: id, correlationId: id });
    const command = patchCommandSchema.parse(message!.body);
    const diff = sha256(samplePatch.diff);
    expect(command).toMatchObject({
      type: "submit",
      patch: { id, sender: "demo", targetBranch: "main", diff, title: "count to two" },
    });
    expect((await gateway.bus.readBlob(partition, diff))?.toString()).toBe(samplePatch.diff);
  });

  test("secrets in what people and models read are masked, and the patch still fits the schema", async () => {
    await using gateway = await testGateway();
    for (const make of Object.values(secretShapes)) {
      const { text, core } = make();
      const title = `${text} ${"x".repeat(200)}`.slice(0, 200);
      const task = { title, instructions: `use ${text}` };
      const submission = { ...samplePatch, title, author: text.slice(0, 200), task };
      const { id } = (await gateway.submit(submission)).json<{ id: string }>();
      await gateway.operate("POST", `/v1/patches/${id}/withdraw`, { actor: text, reason: text });
      const messages = await gateway.messages(inboxes.patchController);
      expect(messages.map(({ type }) => type)).toEqual(["submit", "withdraw"]);
      for (const { body } of messages) {
        expect(patchCommandSchema.safeParse(body).error).toBeUndefined();
        expect(JSON.stringify(body)).not.toContain(core);
      }
    }
  });

  test("the operator's limits change the default policy, and a repository's own policy wins", async () => {
    await using gateway = await testGateway({
      repositories: [
        { id: "sample", remote: "/nowhere" },
        { id: "own", remote: "/nowhere", policy: { rollbackTimeoutMs: 5000, rules: [] } },
      ],
      limits: { rollbackTimeoutMs: 33_000, accuracyThreshold: 0.5 },
    });
    await gateway.submit(samplePatch);
    await gateway.submit({ ...samplePatch, repository: "own" });
    const patches = await submitted(gateway);
    const policyOfSample = patches.find(({ repository }) => repository === "sample")!.policy;
    expect(policyOfSample.rollbackTimeoutMs).toBe(33_000);
    expect(policyOfSample.rules.find(({ id }) => id === "accuracy-floor")).toMatchObject({
      limit: 0.5,
    });
    expect(patches.find(({ repository }) => repository === "own")!.policy).toMatchObject({
      rollbackTimeoutMs: 5000,
      rules: [],
    });
  });

  test("P1: a hundred identical deliveries at once are one patch", async () => {
    await using gateway = await testGateway();
    const replies = await Promise.all(
      Array.from({ length: 100 }, () =>
        gateway.submit({ ...samplePatch, externalId: "7" }, { id: "one" }),
      ),
    );
    expect(new Set(replies.map(({ statusCode }) => statusCode))).toEqual(new Set([202]));
    expect(new Set(replies.map((reply) => reply.json<{ id: string }>().id)).size).toBe(1);
    const firsts = replies.filter((reply) => !reply.json<{ duplicate: boolean }>().duplicate);
    expect(firsts).toHaveLength(1);
    expect(await submitted(gateway)).toHaveLength(1);
  });

  test("P1: a hundred deliveries of one body under different ids are one patch", async () => {
    await using gateway = await testGateway();
    const replies = await Promise.all(
      Array.from({ length: 100 }, () => gateway.submit({ ...samplePatch, externalId: "7" })),
    );
    expect(new Set(replies.map((reply) => reply.json<{ id: string }>().id)).size).toBe(1);
    expect(await submitted(gateway)).toHaveLength(1);
  });

  test("the same body of another sender is another patch", async () => {
    await using gateway = await testGateway();
    const first = await gateway.submit(samplePatch, { id: "same" });
    const signed = { id: "same", sender: "other", secret: gateway.secrets.other };
    const second = await gateway.submit(samplePatch, signed);
    expect(second.json()).toMatchObject({ duplicate: false });
    expect(second.json<{ id: string }>().id).not.toBe(first.json<{ id: string }>().id);
  });

  test.each([{}, { externalId: "7" }])(
    "the same delivery id with another body is a conflict %j",
    async (more) => {
      await using gateway = await testGateway();
      await gateway.submit({ ...samplePatch, ...more }, { id: "same" });
      const reply = await gateway.submit({ ...samplePatch, ...more, title: "x" }, { id: "same" });
      expect(reply.statusCode).toBe(409);
      expect(reply.json()).toMatchObject({ type: problemType("delivery-conflict") });
      expect(await submitted(gateway)).toHaveLength(1);
    },
  );

  test("a new revision supersedes the newest one, and a repetition supersedes nothing", async () => {
    await using gateway = await testGateway();
    const revision = (title: string, id: string) =>
      gateway.submit({ ...samplePatch, title, externalId: "o/r#7" }, { id });
    const ids: string[] = [];
    for (const title of ["one", "two", "three"]) {
      ids.push((await revision(title, title)).json<{ id: string }>().id);
      expect((await revision(title, title)).json()).toMatchObject({ duplicate: true });
      expect((await revision("one", `again-${title}`)).json()).toMatchObject({
        id: ids[0],
        duplicate: true,
      });
    }
    const patches = await submitted(gateway);
    expect(patches.map(({ supersedes }) => supersedes)).toEqual([undefined, ids[0], ids[1]]);
    expect(await newestRevision(gateway.bus, "sample", "o/r#7")).toBe(ids[2]);
    const partition = gateway.bus.partitionOf("sample");
    expect(await gateway.bus.readKey(partition, externalKey("sample", "o/r#7"))).toBe(ids[0]);
    expect(await gateway.bus.readKey(partition, nextKey(ids[2]!))).toBeUndefined();
  });

  test("P6: revisions that come at once form one chain, each superseding another", async () => {
    await using gateway = await testGateway();
    const replies = await Promise.all(
      Array.from({ length: 30 }, (_, at) =>
        gateway.submit({ ...samplePatch, title: `revision ${at}`, externalId: "7" }),
      ),
    );
    expect(replies.every(({ statusCode }) => statusCode === 202)).toBe(true);
    const superseded = (await submitted(gateway)).map(({ supersedes }) => supersedes);
    expect(superseded).toHaveLength(30);
    expect(new Set(superseded).size).toBe(30);
  });

  test("a full inbox answers 429 with Retry-After and takes nothing", async () => {
    await using gateway = await testGateway({ backpressureLimit: 1 });
    const replies = [];
    for (const title of ["1", "2", "3"])
      replies.push(await gateway.submit({ ...samplePatch, title }));
    expect(replies.map(({ statusCode }) => statusCode)).toEqual([202, 202, 429]);
    expect(replies[2]!.headers["retry-after"]).toBe("5");
    expect(replies[2]!.json()).toMatchObject({ type: problemType("backpressure") });
    expect(await submitted(gateway)).toHaveLength(2);
  });

  test("P8: while Redis is away it answers 503 within two seconds, never 202", async () => {
    const away = openBus({ url: "redis://127.0.0.1:1", partitions: 4 });
    try {
      await using gateway = await testGateway({ bus: away });
      const startedAt = performance.now();
      const reply = await gateway.submit(samplePatch);
      expect(performance.now() - startedAt).toBeLessThan(2000);
      expect(reply.statusCode).toBe(503);
      expect(reply.headers["retry-after"]).toBeDefined();
      expect(reply.json()).toMatchObject({ type: problemType("unavailable") });
      expect((await gateway.app.inject("/readyz")).statusCode).toBe(503);
      expect((await gateway.app.inject("/healthz")).statusCode).toBe(200);
    } finally {
      await away.close();
    }
  });

  test("a sender beyond its rate gets 429 with Retry-After; others go on", async () => {
    await using gateway = await testGateway({ rate: { perSecond: 0.5, burst: 2 } });
    const titles = ["1", "2", "3"];
    const replies = [];
    for (const title of titles) replies.push(await gateway.submit({ ...samplePatch, title }));
    expect(replies.map(({ statusCode }) => statusCode)).toEqual([202, 202, 429]);
    expect(replies[2]!.json()).toMatchObject({ type: problemType("rate-limited") });
    expect(replies[2]!.headers["retry-after"]).toBe("2");
    const other = { sender: "other", secret: gateway.secrets.other };
    expect((await gateway.submit(samplePatch, other)).statusCode).toBe(202);
  });

  test("lists every fault with field and remedy", async () => {
    await using gateway = await testGateway();
    const body = { ...samplePatch, base: "HEAD", surprise: 1, sheet: { paths: [] }, title: "" };
    const reply = await gateway.submit(body);
    expect(reply.statusCode).toBe(422);
    expect(reply.headers["content-type"]).toBe("application/problem+json");
    const document = reply.json<{ field: string; issues: { field: string; remedy: string }[] }>();
    const fields = document.issues.map(({ field }) => field);
    expect(fields.toSorted()).toEqual(["base", "sheet.paths", "surprise", "title"]);
    expect(document.field).toBe(fields[0]);
    expect(document.issues.every(({ remedy }) => remedy !== "")).toBe(true);
  });

  test("an unknown repository is named", async () => {
    await using gateway = await testGateway();
    const reply = await gateway.submit({ ...samplePatch, repository: "constructor" });
    expect(reply.statusCode).toBe(422);
    expect(reply.json()).toMatchObject({
      type: problemType("repository-unknown"),
      field: "repository",
    });
  });
});

describe("signatures", () => {
  const minutes = (count: number) => new Date(Date.now() + count * 60_000);
  test.each([
    ["an unsigned request", { headers: { "webhook-signature": undefined } }, "signature-missing"],
    ["no sender", { headers: { "council-sender": undefined } }, "signature-missing"],
    ["no id", { headers: { "webhook-id": undefined } }, "signature-missing"],
    ["an unknown sender", { sender: "mallory" }, "sender-unknown"],
    ["a sender that is a property of objects", { sender: "__proto__" }, "sender-unknown"],
    ["a foreign secret", { secret: newSecret() }, "signature-invalid"],
    ["another id than signed", { headers: { "webhook-id": "x" } }, "signature-invalid"],
    ["an id with a dot", { id: "a.1" }, "signature-invalid"],
    ["another scheme", { headers: { "webhook-signature": "v2,AAAA" } }, "signature-invalid"],
    ["no scheme", { headers: { "webhook-signature": "x" } }, "signature-invalid"],
    ["a time that is none", { headers: { "webhook-timestamp": "soon" } }, "signature-invalid"],
    ["a signature of six minutes ago", { at: minutes(-6) }, "signature-stale"],
    ["a signature of in six minutes", { at: minutes(6) }, "signature-stale"],
  ])("refuses %s with 401", async (_name, sign, code) => {
    await using gateway = await testGateway();
    for (const url of [routes.patches, routes.meta]) {
      const reply = await gateway.deliver(url, JSON.stringify(samplePatch), sign);
      expect(reply.statusCode).toBe(401);
      expect(reply.json()).toMatchObject({ type: problemType(code), status: 401 });
      expect(reply.json()).toHaveProperty("remedy");
    }
    expect(await gateway.messages(inboxes.patchController)).toEqual([]);
  });

  test("refuses a body that was changed on its way", async () => {
    await using gateway = await testGateway();
    const reply = await gateway.submit(samplePatch, { headers: {} });
    expect(reply.statusCode).toBe(202);
    const { Webhook } = await import("standardwebhooks");
    const at = new Date();
    const signature = new Webhook(gateway.secrets.demo).sign("x", at, JSON.stringify(samplePatch));
    const changed = await gateway.submit(
      { ...samplePatch, title: "changed" },
      { id: "x", at, headers: { "webhook-signature": signature } },
    );
    expect(changed.statusCode).toBe(401);
  });

  test("accepts each of two secrets while one is being changed", async () => {
    await using gateway = await testGateway();
    const next = await gateway.submit(samplePatch, { secret: gateway.secrets.demoNext });
    expect(next.statusCode).toBe(202);
    const swapped = { sender: "other", secret: gateway.secrets.demo };
    expect((await gateway.submit(samplePatch, swapped)).statusCode).toBe(401);
  });
});

describe("a patch that is accepted and not yet taken up", () => {
  test("is known at once", async () => {
    await using gateway = await testGateway();
    const { id } = (await gateway.submit(samplePatch)).json<{ id: string }>();
    const reply = await gateway.operate("GET", `/v1/patches/${id}`);
    expect(reply.json()).toEqual({
      id,
      kind: "accepted",
      sequence: 0,
      timeline: [],
      isTruncated: false,
      traceId: patchTrace(id).traceId,
    });
    const [patch] = await submitted(gateway);
    await recordEvents(gateway.bus, id, gateway.bus.partitionOf("sample"), [
      { type: "PatchSubmitted", patch: patch! },
    ]);
    const taken = (await gateway.operate("GET", `/v1/patches/${id}`)).json<{
      kind: string;
      timeline: LedgerEntry[];
    }>();
    expect(taken.kind).toBe("submitted");
    expect(taken.timeline.map(({ event }) => event.type)).toEqual(["PatchSubmitted"]);
  });
});
