import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { ModelUsage, ModelVendor } from "./model-api.ts";
import { isSameModel } from "./model-name.ts";

/** What a call costs, integer micro-dollars, rounded up; undefined when the price is not known. */
export interface ModelPrices {
  costMicroUsd(vendor: ModelVendor, model: string, usage: ModelUsage): number | undefined;
}

const perMillion = z.number().min(0).max(100_000);

/** Own prices, US dollars per million tokens, by model id. They win over the library's. */
export const priceOverridesSchema = z.record(
  z.string().min(1).max(200),
  z.strictObject({
    input: perMillion,
    output: perMillion,
    cacheRead: perMillion.exactOptional(),
    cacheWrite: perMillion.exactOptional(),
  }),
);
export type PriceOverrides = z.infer<typeof priceOverridesSchema>;

const providerIds = { anthropic: "anthropic", openai: "openai", gemini: "google" } as const;

/**
 * The prices bundled with genai-prices, which know about tiers by input length, and the operator's own.
 * The library matches names loosely; only a price for exactly this model, or a dated edition of it, is
 * taken. A model nobody knows the price of costs `undefined`: it must not be asked.
 */
export async function openModelPrices(overrides: PriceOverrides = {}): Promise<ModelPrices> {
  const { calcPrice } = await import("@pydantic/genai-prices");
  const own = new Map(Object.entries(overrides));
  const library = (vendor: ModelVendor, model: string, usage: ModelUsage): number | undefined => {
    if (vendor === "openai-compatible") return undefined;
    const counts = {
      input_tokens: usage.inputTokens,
      cache_read_tokens: usage.cacheReadTokens,
      cache_write_tokens: usage.cacheWriteTokens,
      output_tokens: usage.outputTokens,
    };
    const found = calcPrice(counts, model, { providerId: providerIds[vendor] });
    return found && isSameModel(found.model.id, model) ? found.total_price : undefined;
  };
  return {
    costMicroUsd: (vendor, model, usage) => {
      const name = model.replace(/^models\//, "");
      const price = own.get(name);
      const dollars = price ? ownCost(price, usage) : library(vendor, name, usage);
      if (dollars === undefined || !Number.isFinite(dollars) || dollars < 0) return undefined;
      // A sum of fractions of dollars may lie a hair above the true one; a call never costs a hair less.
      return Math.max(0, Math.ceil(dollars * 1e6 - 1e-6));
    },
  };
}

function ownCost(price: PriceOverrides[string], usage: ModelUsage): number {
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = usage;
  const fresh = inputTokens - cacheReadTokens - cacheWriteTokens;
  const input =
    fresh * price.input +
    cacheReadTokens * (price.cacheRead ?? price.input) +
    cacheWriteTokens * (price.cacheWrite ?? price.input);
  return (input + outputTokens * price.output) / 1e6;
}

/** Reads a file of own prices (JSON); the reason names the field that is wrong. */
export async function readPriceOverrides(
  path: string,
): Promise<{ kind: "read"; overrides: PriceOverrides } | { kind: "refused"; reason: string }> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    return { kind: "refused", reason: error instanceof SyntaxError ? "no JSON" : "unreadable" };
  }
  const read = priceOverridesSchema.safeParse(value);
  if (read.success) return { kind: "read", overrides: read.data };
  const faults = read.error.issues.map(({ path: at, message }) => `${at.join(".")}: ${message}`);
  return { kind: "refused", reason: faults.join("; ") };
}
