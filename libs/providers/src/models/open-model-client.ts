import { fileAnswerCache } from "./answer-cache.ts";
import type { ModelVendor } from "./model-api.ts";
import { type ModelClient, modelClient, type ModelClientOptions } from "./model-client.ts";
import { familyOf } from "./model-name.ts";
import { openModelPrices, type PriceOverrides, readPriceOverrides } from "./model-prices.ts";
import { openModelApi } from "./open-model-api.ts";

/** A model as an operator names it. */
export interface ModelConfiguration extends Pick<
  ModelClientOptions,
  "spend" | "onCall" | "tryTimeoutMs"
> {
  readonly vendor: ModelVendor;
  readonly model: string | undefined;
  readonly family?: string | undefined;
  /** In the order of preference; none is the vendor's own. */
  readonly baseUrls: readonly string[];
  readonly apiKey: string | undefined;
  /** File of own prices. */
  readonly pricesFile?: string | undefined;
  /** Folder of the answers that need not be paid for again. */
  readonly cacheDir: string;
}

export type OpenedModel =
  | { readonly kind: "open"; readonly client: ModelClient }
  /** `field` is what an operator has to change. */
  | {
      readonly kind: "refused";
      readonly field: "model" | "baseUrls" | "apiKey" | "pricesFile";
      readonly reason: string;
    };

const sdkGraceMs = 5_000;

/**
 * A client as configured, or why it must not run: no model, no key, no price. Nothing is asked yet.
 * A key travels over plain HTTP only on this machine.
 */
export async function openModelClient(configuration: ModelConfiguration): Promise<OpenedModel> {
  const { vendor, model, baseUrls, apiKey, tryTimeoutMs } = configuration;
  if (model === undefined || model === "")
    return refused("model", "name the model; there is no default");
  if (vendor === "openai-compatible" && baseUrls.length === 0)
    return refused("baseUrls", "name the endpoint, like https://models.example.com/v1");
  if (vendor !== "openai-compatible" && apiKey === undefined)
    return refused("apiKey", `${vendor} needs a key`);
  const fault = baseUrls.map((url) => urlFault(url, apiKey !== undefined)).find(Boolean);
  if (fault) return refused("baseUrls", fault);
  const overrides = await readOverrides(configuration.pricesFile);
  if (overrides.kind === "refused") return refused("pricesFile", overrides.reason);
  const prices = await openModelPrices(overrides.overrides);
  const nothing = { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 };
  if (prices.costMicroUsd(vendor, model, nothing) === undefined)
    return refused(
      "pricesFile",
      `nobody knows the price of ${model}; write it into the file of own prices`,
    );
  const endpoints = await Promise.all(
    (baseUrls.length === 0 ? [undefined] : baseUrls).map(async (baseUrl) => ({
      name: baseUrl === undefined ? vendor : new URL(baseUrl).host,
      api: await openModelApi(vendor, {
        // A server of one's own may want no key; its SDK wants one to be there.
        apiKey: apiKey ?? "none",
        // Our own limit comes first: it says that time was up, an SDK's would be one more broken connection.
        timeoutMs: tryTimeoutMs + sdkGraceMs,
        ...(baseUrl === undefined ? {} : { baseUrl }),
      }),
    })),
  );
  const { spend, onCall, cacheDir, family = familyOf(model) } = configuration;
  const cache = fileAnswerCache(cacheDir);
  const common = { vendor, model, family, endpoints, prices, spend, cache, tryTimeoutMs };
  return { kind: "open", client: modelClient({ ...common, ...(onCall ? { onCall } : {}) }) };
}

async function readOverrides(
  path: string | undefined,
): Promise<{ kind: "read"; overrides: PriceOverrides } | { kind: "refused"; reason: string }> {
  return path === undefined ? { kind: "read", overrides: {} } : await readPriceOverrides(path);
}

const refused = (
  field: (OpenedModel & { kind: "refused" })["field"],
  reason: string,
): OpenedModel => ({ kind: "refused", field, reason });

function urlFault(text: string, hasKey: boolean): string | undefined {
  if (!URL.canParse(text)) return `${JSON.stringify(text)} is no URL`;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== "" || password !== "") return "keep credentials out of the URL";
  if (protocol === "https:") return undefined;
  if (protocol !== "http:") return "use https";
  const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
  return isLocal || !hasKey ? undefined : "use https: the key would travel in clear";
}
