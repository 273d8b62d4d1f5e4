import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { familyOf, isSameModel } from "./model-name.ts";
import { openModelPrices, readPriceOverrides } from "./model-prices.ts";

const usageOf = (inputTokens: number, outputTokens: number, more = {}) => ({
  inputTokens,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  outputTokens,
  ...more,
});

it("P7: a long prompt costs its own, higher tier", async () => {
  const prices = await openModelPrices();
  const cost = (tokens: number) =>
    prices.costMicroUsd("openai", "gpt-5.6-sol", usageOf(tokens, 100));
  const [short = 0, long = 0] = [cost(200_000), cost(400_000)];
  expect(long).toBeGreaterThan(3 * short);
});

it("P7: has no price for a model it does not know exactly, and none for a stranger's endpoint", async () => {
  const prices = await openModelPrices();
  const usage = usageOf(1000, 100);
  for (const model of ["gpt-5.6-sol-turbo", "gpt-5.6", "claude-sonnet-5-5", "", "__proto__"])
    expect([model, prices.costMicroUsd("openai", model, usage)]).toEqual([model, undefined]);
  expect(prices.costMicroUsd("openai-compatible", "gpt-5.6-sol", usage)).toBeUndefined();
  expect(prices.costMicroUsd("openai", "gpt-5.6-sol-2026-08-01", usage)).toBe(6000);
});

it("own prices win, are rounded up, and tell cached input apart", async () => {
  const price = { input: 1.5, output: 3, cacheRead: 0.1 };
  const prices = await openModelPrices({ "gpt-5.6-sol": price, free: { input: 0, output: 0 } });
  const cost = (model: string, usage: ReturnType<typeof usageOf>) =>
    prices.costMicroUsd("openai", model, usage);
  expect(cost("gpt-5.6-sol", usageOf(1, 0))).toBe(2);
  expect(cost("gpt-5.6-sol", usageOf(1000, 100, { cacheReadTokens: 500 }))).toBe(750 + 50 + 300);
  expect(cost("models/free", usageOf(1000, 100))).toBe(0);
});

it("reads a file of own prices, and names the field that is wrong", async () => {
  const dir = await mkdtemp(join(tmpdir(), "council-prices-"));
  const path = join(dir, "prices.json");
  try {
    const read = async (text: string) => {
      await writeFile(path, text);
      return await readPriceOverrides(path);
    };
    expect(await readPriceOverrides(join(dir, "absent"))).toMatchObject({ kind: "refused" });
    expect(await read("{")).toEqual({ kind: "refused", reason: "no JSON" });
    const negative = await read('{"m":{"input":-1,"output":1}}');
    expect(negative).toMatchObject({ reason: expect.stringContaining("m.input") as string });
    expect(await read('{"m":{"input":1,"output":1}}')).toMatchObject({ kind: "read" });
  } finally {
    await rm(dir, { recursive: true });
  }
});

it("takes a dated edition for the model, and nothing else", () => {
  for (const edition of ["", "-2026-08-01", "-20260801", "@20260801", "-001"])
    expect(isSameModel("gemini-3.8-flash", `models/gemini-3.8-flash${edition}`)).toBe(true);
  for (const other of ["-lite", "-2026", "x", "-2026-08-01-lite"])
    expect(isSameModel("gemini-3.8-flash", `gemini-3.8-flash${other}`)).toBe(false);
});

it("tells the maker from the name", () => {
  const families = [
    "gpt-6-luna",
    "o3",
    "models/gemini-3.8-flash",
    "claude-x",
    "org/llama-4",
    "zed",
  ];
  expect(families.map(familyOf)).toEqual([
    "openai",
    "openai",
    "google",
    "anthropic",
    "meta",
    "zed",
  ]);
});
