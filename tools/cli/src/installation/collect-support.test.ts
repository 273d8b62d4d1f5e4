import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inboxes } from "@council/contracts";
import { recordEvents, type TestGateway, testGateway } from "@council/gateway/test-gateway";
import { revertedHistory, testPatch } from "@council/gateway/test-patch";
import { secretShapes } from "@council/runtime/secret-corpus";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { runCouncil } from "../testing/run-council.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const patchId = "p01-aaaaaaaa0001";
const samples = Object.values(secretShapes).map((sample) => sample());
const said = samples.map(({ text }) => text).join(" | ");
let [gateway, url, dir, folder, private_]: [TestGateway, string, string, string, string[]] =
  [] as never;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "council-support-"));
  folder = join(dir, "guard");
  await runCouncil(["init", folder, "--remote", join(dir, "shop.git")]);
  gateway = await testGateway({ repositories: [{ id: "shop", remote: join(dir, "shop.git") }] });
  await gateway.app.listen({ host: "127.0.0.1", port: 0 });
  url = `http://127.0.0.1:${(gateway.app.server.address() as AddressInfo).port}`;
  // An installation has secrets of no known shape, too.
  const webhook = randomBytes(32).toString("base64");
  const token = gateway.operatorToken;
  const password = randomBytes(12).toString("hex");
  const file = join(folder, "council.yaml");
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replace("redis://", `redis://council:${password}@`));
  writeFileSync(
    join(folder, ".env"),
    `COUNCIL_WEBHOOK_SECRETS=agent=whsec_${webhook}\nCOUNCIL_OPERATOR_TOKEN=${token}\n`,
    { mode: 0o600 },
  );
  // As errors and titles carry them: the webhook's with its prefix.
  private_ = [webhook, token, password];
  const title = `whsec_${webhook} ${token} ${password} ${said}`;
  const patch = testPatch(patchId, Date.now() - 90_000, { repository: "shop", title });
  await recordEvents(gateway.bus, patchId, 1, revertedHistory(patch));
  await gateway.operate("POST", `/v1/patches/${patchId}/approve`, { actor: "ann", reason: said });
  const buried = Promise.withResolvers<void>();
  const consumer = gateway.bus.consume({
    inbox: inboxes.patchController,
    maxDeliveries: 1,
    handler: () => Promise.reject(new Error(`poison ${title}`)),
    onOutcome: ({ kind }) => kind === "dead-lettered" && buried.resolve(),
  });
  await buried.promise;
  await consumer.stop();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
});

const support = (at: string) => runCouncil(["support-bundle", "--url", at], { cwd: folder });

test("a support bundle has what helps, and no secret of any kind, wherever it stood", async () => {
  const { code, out, err } = await support(url);
  expect([code, err]).toEqual([0, ""]);
  const secrets = [...private_, ...samples.map(({ core }) => core)];
  for (const secret of secrets) expect(out).not.toContain(secret);
  const keys = ["rules", "proof", "contract"].map((head) =>
    readFileSync(join(folder, "keys", `${head}.pem`), "utf8"),
  );
  for (const key of keys) expect(out).not.toContain(key.split("\n")[1]);
  expect(JSON.parse(out)).toMatchObject({
    versions: { node: process.version },
    settings: expect.arrayContaining([
      expect.objectContaining({ env: "COUNCIL_OPERATOR_TOKEN", source: "dotenv" }),
      expect.objectContaining({ env: "COUNCIL_KEYRING_FILE", source: "yaml" }),
    ]) as unknown,
    findings: expect.arrayContaining([
      expect.objectContaining({ name: "remote shop", kind: "fault" }),
    ]) as unknown,
    queues: { queues: expect.any(Array) as unknown },
    deadLetters: {
      deadLetters: [{ inbox: inboxes.patchController, payloadBytes: expect.any(Number) as number }],
    },
    patches: { patches: [{ id: patchId, kind: "reverted" }] },
    drills: { repositories: [{ id: "shop" }] },
  });
});

test("without a gateway it says so, and holds the rest", async () => {
  const { code, out } = await support("http://127.0.0.1:1");
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    findings: expect.any(Array) as unknown,
    queues: { missing: expect.stringContaining("does not answer") as string },
  });
});
