import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type LoopbackModels, startLoopbackModels } from "../testing/loopback-models.ts";
import type { ModelCheck } from "./check-model.ts";
import { type ModelConfiguration, openModelClient } from "./open-model-client.ts";
import { testQuestion, testSpend } from "./test-client.ts";
import { watchModel } from "./watch-model.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });
const never = new AbortController().signal;
let dir = "";
let server: LoopbackModels;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "council-model-client-"));
  await writeFile(join(dir, "prices.json"), '{"llama-local":{"input":0,"output":0}}');
  const text = JSON.stringify({ word: "no", why: "it is not" });
  server = await startLoopbackModels(() => ({ kind: "text", text }));
});
afterAll(async () => {
  await server.close();
  await rm(dir, { recursive: true });
});

const configured = (changes: Partial<ModelConfiguration> = {}): ModelConfiguration => ({
  vendor: "openai",
  model: "gpt-5.6-terra",
  baseUrls: [],
  apiKey: ["a", "test", "key"].join("-"),
  cacheDir: join(dir, "answers"),
  spend: testSpend(),
  tryTimeoutMs: 5_000,
  ...changes,
});

describe("a model as configured", () => {
  it.each([
    ["model", { model: undefined }, /no default/],
    ["model", { model: "" }, /no default/],
    ["apiKey", { apiKey: undefined }, /needs a key/],
    ["baseUrls", { vendor: "openai-compatible" as const }, /name the endpoint/],
    ["baseUrls", { baseUrls: ["nowhere"] }, /no URL/],
    ["baseUrls", { baseUrls: ["ftp://models.example.com"] }, /https/],
    ["baseUrls", { baseUrls: ["http://models.example.com"] }, /in clear/],
    ["baseUrls", { baseUrls: ["https://me:pass@models.example.com"] }, /credentials/],
    ["pricesFile", { model: "brand-new-1" }, /price/],
    ["pricesFile", { pricesFile: "/nowhere/prices.json" }, /unreadable/],
  ])("names %s when it is wrong", async (field, changes, reason) => {
    const opened = await openModelClient(configured(changes));
    expect(opened).toEqual({
      kind: "refused",
      field,
      reason: expect.stringMatching(reason) as string,
    });
  });

  it("tells its family and its endpoints", async () => {
    const baseUrls = ["https://one.example.com/v1", "https://two.example.com:8443/v1"];
    const opened = await openModelClient(configured({ baseUrls }));
    const client = opened.kind === "open" ? opened.client : undefined;
    expect(client?.family).toBe("openai");
    expect(client?.endpoints.map(({ name }) => name)).toEqual([
      "one.example.com",
      "two.example.com:8443",
    ]);
  });

  it("P7: a free model of one's own is asked without key, and still stops when spending stops", async () => {
    const own = {
      vendor: "openai-compatible" as const,
      model: "llama-local",
      apiKey: undefined,
      baseUrls: [server.baseUrl("openai-compatible")],
      pricesFile: join(dir, "prices.json"),
    };
    const opened = await openModelClient(configured(own));
    const answer = opened.kind === "open" ? await opened.client.ask(testQuestion, never) : opened;
    expect(answer).toMatchObject({ kind: "answered", costMicroUsd: 0 });
    const other = { ...own, cacheDir: join(dir, "others"), spend: testSpend(0) };
    const stopped = await openModelClient(configured(other));
    const refused =
      stopped.kind === "open" ? await stopped.client.ask(testQuestion, never) : stopped;
    expect(refused).toMatchObject({ kind: "failed", code: "over-budget", cap: "day", resetAt: 7 });
  });
});

it("looks a model up at once and again, until it is stopped", async () => {
  server.list({ "gpt-5.6-terra": {} });
  const opened = await openModelClient(configured({ baseUrls: [server.baseUrl("openai")] }));
  if (opened.kind === "refused") throw new Error(opened.reason);
  const seen: ModelCheck["kind"][] = [];
  const watch = await watchModel(opened.client, ({ kind }) => seen.push(kind), 20);
  expect(seen).toEqual(["available"]);
  server.list({});
  await vi.waitFor(() => expect(watch.latest()).toMatchObject({ kind: "absent" }));
  watch.stop();
});
