import { join } from "node:path";
import { openSpendLedger } from "@council/bus";
import { policyOf } from "@council/contracts";
import type { Seat, SpendLedger } from "@council/domain";
import {
  type ModelClient,
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
  type Repositories,
  RuntimeError,
  type ServiceContext,
  spendAlerts,
  spendRules,
} from "@council/runtime";
import type { settings } from "./config.ts";
import { abstain, type Head } from "./head.ts";
import { modelHead } from "./heads/model-head.ts";

/** A head with what it keeps open. */
export interface OpenHead {
  readonly head: Head;
  readonly checks?: Readonly<Record<string, Check>>;
  readonly close?: () => Promise<void>;
}

type Context = ServiceContext<typeof settings>;

/** One try may take half of the time for all, so that a second endpoint still has its turn. */
const shareOfOneTry = 0.5;

/** The head of a seat that asks a model. Refuses to start where it could not vote as the policy says. */
export async function openModelHead(
  vendor: ModelVendor,
  context: Context,
  repositories: Repositories,
): Promise<OpenHead> {
  const { log, metrics, settings: values } = context;
  const { head: name, headTimeoutMs } = values;
  assertSeatName(name);
  if (vendor === "gemini" && !values.geminiAuditEnabled) return { head: idleHead(name) };
  const spend = openSpendLedger({
    ...values,
    ...spendRules(values),
    name: `auditor-${name}`,
    onAlert: spendAlerts(metrics, log),
    onError: (err) => log.warn({ err }, "redis link of the spend ledger"),
  });
  const opened = await openModelClient({
    vendor,
    model: values.headModel,
    family: values.headFamily,
    baseUrls: values.headBaseUrls,
    apiKey: modelKeyOf(vendor, values.headApiKey, values),
    pricesFile: values.modelPricesFile,
    cacheDir: join(values.dataDir, `auditor-${name}`, "answers"),
    spend,
    onCall: modelCalls(metrics, log),
    tryTimeoutMs: Math.ceil(headTimeoutMs * shareOfOneTry),
  });
  if (opened.kind === "refused")
    return await refuse(spend, `${variables[opened.field]}: ${opened.reason}`);
  const { client } = opened;
  const fault = seatFault(name, client, repositories);
  if (fault) return await refuse(spend, fault);
  const watch = await watchModel(client, modelNews(log, client.model));
  const first = watch.latest();
  if (first.kind === "absent") {
    watch.stop();
    return await refuse(spend, `COUNCIL_HEAD_MODEL: ${first.reason}`);
  }
  return {
    head: modelHead({
      name,
      client,
      maxOutputTokens: values.headMaxOutputTokens,
      maxPromptBytes: values.headMaxDiffBytes,
      timeoutMs: headTimeoutMs,
    }),
    checks: { model: () => Promise.resolve(modelReadiness(watch.latest())) },
    close: async () => {
      watch.stop();
      await spend.close();
    },
  };
}

const variables = {
  model: "COUNCIL_HEAD_MODEL",
  baseUrls: "COUNCIL_HEAD_BASE_URL",
  apiKey: "COUNCIL_HEAD_API_KEY (or the key of the provider)",
  pricesFile: "COUNCIL_MODEL_PRICES",
} as const;

/** A seat's name is part of an inbox and of a folder. */
function assertSeatName(name: string): void {
  if (/^[a-z][a-z0-9-]*$/.test(name)) return;
  const wanted = "name the seat in small letters, digits and dashes";
  throw new RuntimeError("configuration-refused", `COUNCIL_HEAD: ${wanted}`);
}

/** Keeps its seat and asks nobody, for whoever switched the model off. */
function idleHead(name: string): Head {
  const judgement = abstain("switched-off", "GEMINI_AUDIT_ENABLED is off; the model is not asked");
  return { name, judge: () => Promise.resolve(judgement) };
}

async function refuse(spend: SpendLedger, reason: string): Promise<never> {
  await spend.close();
  throw new RuntimeError("configuration-refused", reason);
}

/**
 * What a policy says of this seat that is not so. The policy counts votes by family and endpoint: a seat
 * whose model is of another maker than it says could be one opinion counted twice.
 */
function seatFault(
  name: string,
  client: Pick<ModelClient, "family" | "endpoints">,
  repositories: Repositories,
): string | undefined {
  for (const [id, repository] of repositories) {
    const policy = policyOf(repository);
    const seats = policy.kind === "usable" ? policy.policy.seats : [];
    const seat = seats.find(({ head }) => head === name);
    const fault = seat && faultOf(seat, client);
    if (fault) return `COUNCIL_REPOSITORIES: ${id}: the seat "${name}" ${fault}`;
  }
  return undefined;
}

function faultOf(seat: Seat, { family, endpoints }: Pick<ModelClient, "family" | "endpoints">) {
  const hosts = endpoints.map((endpoint) => endpoint.name);
  if (!seat.isModel) return "is held by a model; say `isModel: true`";
  if (seat.family !== family) return `is of the family "${family}"; say \`family: ${family}\``;
  if (seat.endpoint !== undefined && !hosts.includes(seat.endpoint))
    return `asks ${hosts.join(", ")}, not ${seat.endpoint}`;
  return undefined;
}
