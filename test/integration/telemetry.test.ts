/** What a running Council says of itself while patches go through it: traces, notices, logs, pages. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { routes } from "@council/contracts";
import { patchTrace } from "@council/evidence";
import {
  type OtlpReceiver,
  type ReceivedSpan,
  startOtlpReceiver,
} from "@council/runtime/otlp-receiver";
import { random, secretShapes } from "@council/runtime/secret-corpus";
import { afterAll, beforeAll, expect, test } from "vitest";
import { firstFiles } from "../e2e/council-world.ts";
import { isAtRest } from "../e2e/ledger-book.ts";
import {
  approval,
  geminiSeat,
  guardSeat,
  type ModelWorld,
  openaiSeat,
  startModelWorld,
} from "../e2e/model-world.ts";

/** One of each shape, as strangers put them into what they send. */
const corpus = Object.values(secretShapes).map((make) => make());
/** What operators configured. */
const own = {
  remote: random(40),
  traffic: `whsec_${randomBytes(32).toString("base64")}`,
  slack: random(24),
  notice: `whsec_${randomBytes(32).toString("base64")}`,
  pager: randomBytes(16).toString("hex"),
  collector: random(30),
};

let traces: OtlpReceiver;
let chat: Server;
let notices: string[];
let keys: string;
let on: ModelWorld;

beforeAll(async () => {
  traces = await startOtlpReceiver();
  notices = [];
  chat = createServer((request, response) => {
    void text(request).then((body) => {
      notices.push(body);
      response.end();
    });
  }).listen(0, "127.0.0.1");
  await once(chat, "listening");
  const chatUrl = `http://127.0.0.1:${(chat.address() as AddressInfo).port}`;
  keys = mkdtempSync(join(tmpdir(), "council-keys-"));
  const tokenFile = join(keys, "token");
  writeFileSync(tokenFile, own.remote, { mode: 0o600 });
  const seats = [guardSeat, geminiSeat, openaiSeat];
  on = await startModelWorld({
    repositories: { shop: { seats }, away: { seats } },
    more: async (id) =>
      id === "away"
        ? { remote: "https://127.0.0.1:9/x.git", access: { kind: "token", tokenFile } }
        : {},
    env: {
      COST_DAILY_LIMIT: "5",
      OTEL_EXPORTER_OTLP_ENDPOINT: traces.url,
      OTEL_EXPORTER_OTLP_HEADERS: `x-key=${own.collector}`,
      SLACK_WEBHOOK_URL: `${chatUrl}/services/${own.slack}`,
      COUNCIL_NOTICE_URL: chatUrl,
      COUNCIL_NOTICE_SECRET: own.notice,
      COUNCIL_PAGER_URL: chatUrl,
      COUNCIL_PAGER_KEY: own.pager,
      COUNCIL_TRAFFIC_SECRET: own.traffic,
    },
    answer: () => ({ ...approval, usage: { inputTokens: 400, outputTokens: 30 } }) as never,
  });
}, 90_000);
afterAll(async () => {
  await on?.[Symbol.asyncDispose]();
  await traces?.[Symbol.asyncDispose]();
  chat?.close().closeAllConnections();
  rmSync(keys, { recursive: true, force: true });
}, 60_000);

async function atRest(name: string, conduct: "good" | "slow"): Promise<string> {
  const { world } = on;
  const files = { [`src/${name}.js`]: `${firstFiles["src/add.js"]}export const ${name} = add;\n` };
  const id = await world.submit(await world.draft("shop", files));
  world.feed.conduct(id, () => conduct);
  const entries = await world.book.until(id, "at rest", isAtRest);
  expect(entries.at(-1)?.event.type).toBe(conduct === "good" ? "Settled" : "Reverted");
  return id;
}

const spansOf = (id: string) =>
  traces.spans.filter(({ traceId }) => traceId === patchTrace(id).traceId);
const orphans = (spans: readonly ReceivedSpan[]) => {
  const known = new Set(spans.map(({ spanId }) => spanId));
  return spans.filter(({ parentSpanId }) => parentSpanId !== "" && !known.has(parentSpanId));
};

test("a patch is one connected trace, from the webhook to the end of its revert", async () => {
  const id = await atRest("slowly", "slow");
  const hasEnd = () => spansOf(id).some(({ name }) => name === "record-revert patch-controller");
  await expect.poll(hasEnd, { timeout: 20_000 }).toBe(true);
  // Each process sends its spans when it has a batch of them, so they come in any order.
  const named = () => spansOf(id).map(({ service, name }) => `${service}: ${name}`);
  const expected = [
    "patch-controller: submit patch-controller",
    "diff-engine: compare diff-engine",
    "auditor: audit auditor:guard",
    "auditor: reveal auditor:gemini",
    "auditor: chat gemini-3.8-flash",
    "patch-controller: set-deadline deadline",
    "patch-controller: request-lane patch-controller",
    "patch-controller: land git",
    "streaming-auditor: watch streaming-auditor",
    "patch-controller: record-observation patch-controller",
    "patch-controller: revert git",
    "patch-controller: page notifier",
  ];
  await expect.poll(named, { timeout: 20_000 }).toEqual(expect.arrayContaining(expected));
  await expect.poll(() => orphans(spansOf(id)), { timeout: 20_000 }).toEqual([]);
  const spans = spansOf(id);
  const roots = spans.filter(({ parentSpanId }) => parentSpanId === "");
  expect(roots).toMatchObject([{ service: "gateway", name: "POST /v1/patches" }]);
  const asked = spans.find(({ name }) => name === "chat gemini-3.8-flash");
  expect(asked?.fields).toMatchObject({
    "gen_ai.provider.name": "gcp.gemini",
    "gen_ai.response.model": "gemini-3.8-flash",
    "gen_ai.usage.input_tokens": 400,
    "gen_ai.usage.output_tokens": 30,
  });
  // Its parent is the work of the head that asked.
  expect(spans.find(({ spanId }) => spanId === asked?.parentSpanId)?.name).toBe(
    "audit auditor:gemini",
  );
  const { body } = await on.world.client.patch(id);
  expect(body).toMatchObject({ traceId: patchTrace(id).traceId });
}, 90_000);

test("an operator's action and a patch that waited are in the same trace, and no text of a patch is in any", async () => {
  const id = await atRest("quickly", "good");
  await on.world.client.act(id, "rollback", { actor: "ann", reason: "not wanted any more" });
  await on.world.book.until(id, "reverted", (all) => all.at(-1)?.event.type === "Reverted");
  const names = () => spansOf(id).map(({ name }) => name);
  await expect
    .poll(names, { timeout: 20_000 })
    .toEqual(
      expect.arrayContaining(["POST /v1/patches/:id/rollback", "record-revert patch-controller"]),
    );
  await expect.poll(() => orphans(spansOf(id)), { timeout: 20_000 }).toEqual([]);
  const sent = traces.bodies.join("\n");
  for (const text of ["export const", "auditors", "A change", "not wanted"])
    expect(sent).not.toContain(text);
}, 90_000);

/** Everything a person could read: lines of every process, the ledger, pages, notices, spans. */
async function everythingSaid(ids: readonly string[]): Promise<Record<string, string>> {
  const { dir, stack, book } = on.world;
  const logs = readdirSync(dir, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".log"))
    .map((name) => readFileSync(join(dir, name), "utf8"));
  const authorization = `Bearer ${stack.secrets.operatorToken}`;
  const page = async (path: string) =>
    (await fetch(new URL(path, stack.url), { headers: { authorization } })).text();
  const paths = [routes.patches, routes.settings, routes.deadLetters, routes.spend, "/metrics"];
  const ofPatches = ids.flatMap((id) =>
    [routes.patch, routes.why, routes.bundle, routes.metaYaml].map((path) =>
      path.replace(":id", id),
    ),
  );
  return {
    logs: logs.join("\n"),
    ledger: JSON.stringify(book.patchIds().map((id) => book.of(id))),
    pages: (await Promise.all([...paths, ...ofPatches].map(page))).join("\n"),
    // The pager's key is how it knows who calls.
    notices: notices.map((body) => body.replace(own.pager, "")).join("\n"),
    spans: traces.bodies.join("\n"),
  };
}

test("no secret of a corpus, and none that is configured, is in any line, event, page, notice or span", async () => {
  const { world, models } = on;
  const all = corpus.map((sample) => sample.text).join(" ");
  const finding = (message: string) => ({
    ruleId: "x",
    severity: "warning",
    path: "src/add.js",
    line: 1,
    message,
  });
  models.answerWith(({ model }) =>
    model.startsWith("gpt")
      ? { kind: "status", status: 500 }
      : {
          kind: "text",
          text: JSON.stringify({
            verdict: "approve",
            findings: corpus.map((each) => finding(each.text)),
          }),
        },
  );
  const files = { "src/two.js": `${firstFiles["src/add.js"]}export const two = add;\n` };
  const draft = await world.draft("shop", files);
  const ids: string[] = [];
  for (const { text: secret } of corpus) {
    const title = `Use ${secret}`.slice(0, 200);
    const reply = await world.client.submit({ ...draft, title, author: secret.slice(0, 200) });
    ids.push((reply.body as { id: string }).id);
  }
  const away = await world.client.submit({
    ...draft,
    repository: "away",
    title: all.slice(0, 200),
  });
  expect(away.status).toBe(202);
  // What is refused is also written about.
  const refusals = [all, JSON.stringify({ [all]: all }), JSON.stringify({ ...draft, base: all })];
  for (const body of refusals)
    expect((await world.client.deliver(routes.patches, body)).status).toBeGreaterThanOrEqual(400);
  await world.client.sendSamples([{ patch: all.slice(0, 200), metric: "latency" }]);
  for (const [at, id] of ids.entries()) {
    const secret = corpus[at]?.text ?? "";
    await world.client.act(id, "withdraw", { actor: "ann", reason: secret });
    await world.client.act(id, "rollback", { actor: secret.slice(0, 200), reason: secret });
  }
  await world.client.pause({ actor: "ann", reason: all.slice(0, 2000) });
  await world.client.resume({ actor: "ann", reason: all.slice(0, 2000) });
  for (const id of ids) await world.book.until(id, "at rest", isAtRest);
  await expect
    .poll(async () => (await everythingSaid([])).logs, { timeout: 30_000 })
    .toContain("unreachable");
  const said = await everythingSaid(ids);
  const { operatorToken, webhookSecret } = world.stack.secrets;
  const secrets = [
    ...corpus.map(({ core }) => core),
    ...Object.values(own),
    operatorToken,
    webhookSecret,
  ];
  for (const [where, heap] of Object.entries(said)) {
    expect(heap.length, `in ${where}`).toBeGreaterThan(1000);
    expect(
      secrets.filter((secret) => heap.includes(secret)),
      `in ${where}`,
    ).toEqual([]);
  }
}, 120_000);
