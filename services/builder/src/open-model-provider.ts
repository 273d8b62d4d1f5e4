import { join } from "node:path";
import { openSpendLedger } from "@council/bus";
import type { RenderProvider } from "@council/providers";
import {
  modelProvider,
  openModelClient,
  type ModelVendor,
  watchModel,
} from "@council/providers/models";
import {
  type Check,
  modelCalls,
  modelKeyOf,
  modelNews,
  modelReadiness,
  RuntimeError,
  type ServiceContext,
  spendAlerts,
  spendRules,
} from "@council/runtime";
import type { settings } from "./config.ts";

/** A provider with what it keeps open. */
export interface OpenProvider {
  readonly provider: RenderProvider;
  readonly checks?: Readonly<Record<string, Check>>;
  readonly close?: () => Promise<void>;
}

/** One try may take most of a render's time: a change is written once, and a second try costs it again. */
const shareOfOneTry = 0.8;

/** A model as the builder. Refused without a model, a key or a price, and where the model is gone. */
export async function openModelProvider(
  vendor: ModelVendor,
  context: ServiceContext<typeof settings>,
): Promise<OpenProvider> {
  const { log, metrics, settings: values } = context;
  const name = `builder-${values.slot}`;
  const spend = openSpendLedger({
    ...values,
    ...spendRules(values),
    name,
    onAlert: spendAlerts(metrics, log),
    onError: (err) => log.warn({ err }, "redis link of the spend ledger"),
  });
  const refuse = async (reason: string): Promise<never> => {
    await spend.close();
    throw new RuntimeError("configuration-refused", reason);
  };
  const opened = await openModelClient({
    vendor,
    model: values.model,
    family: values.family === "unnamed" ? undefined : values.family,
    baseUrls: values.baseUrls,
    apiKey: modelKeyOf(vendor, values.apiKey, values),
    pricesFile: values.modelPricesFile,
    cacheDir: join(values.dataDir, name, "answers"),
    spend,
    onCall: modelCalls(metrics, log),
    tryTimeoutMs: Math.ceil(values.timeoutMs * shareOfOneTry),
  });
  if (opened.kind === "refused")
    return await refuse(`${variables[opened.field]}: ${opened.reason}`);
  const { client } = opened;
  const watch = await watchModel(client, modelNews(log, client.model));
  const first = watch.latest();
  if (first.kind === "absent") {
    watch.stop();
    return await refuse(`COUNCIL_BUILDER_MODEL: ${first.reason}`);
  }
  const { maxOutputTokens, maxContextBytes } = values;
  return {
    provider: modelProvider({ name, client, maxOutputTokens, maxContextBytes }),
    checks: { model: () => Promise.resolve(modelReadiness(watch.latest())) },
    close: async () => {
      watch.stop();
      await spend.close();
    },
  };
}

const variables = {
  model: "COUNCIL_BUILDER_MODEL",
  baseUrls: "COUNCIL_BUILDER_BASE_URL",
  apiKey: "COUNCIL_BUILDER_API_KEY (or the key of the provider)",
  pricesFile: "COUNCIL_MODEL_PRICES",
} as const;
