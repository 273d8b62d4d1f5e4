/**
 * Asks one model, through any of its endpoints. Every try reserves its worst case before anything is
 * sent and settles by what the vendor reports (P7); what may have been billed without a report is
 * charged whole. A reply counts only if it is whole, by the model asked, and of the closed shape.
 */
import type { SpendGuard, Suspension } from "@council/domain";
import type { z } from "zod";
import { type AnswerCache, answerKey } from "./answer-cache.ts";
import { type GuardedEndpoint, guardedEndpoint } from "./guarded-endpoint.ts";
import { believe, type ModelFailure } from "./model-answer.ts";
import type { ModelApi, ModelReply, ModelUsage, ModelVendor } from "./model-api.ts";
import { familyOf } from "./model-name.ts";
import type { ModelPrices } from "./model-prices.ts";
import { tryEndpoints } from "./try-endpoints.ts";
import { wireSchema } from "./wire-schema.ts";

/** On whose account a question is asked. */
export interface Spender {
  /** What the money is for; the reservations of its tries begin with it. */
  readonly callId: string;
  readonly head: string;
  readonly repository: string;
  readonly sender: string;
  readonly patchId: string;
}

export interface ModelQuestion<T> {
  readonly system: string;
  readonly user: string;
  /** `a-z` and `_`. */
  readonly schemaName: string;
  /** Closed: strict objects, every field required. */
  readonly schema: z.ZodType<T>;
  readonly maxOutputTokens: number;
  readonly maxReplyChars: number;
  /** For all tries together. */
  readonly timeoutMs: number;
  readonly spender: Spender;
}

export type ModelAnswer<T> =
  | {
      readonly kind: "answered";
      readonly value: T;
      readonly model: string;
      readonly costMicroUsd: number;
      readonly isCached: boolean;
    }
  | (ModelFailure & { readonly costMicroUsd: number } & Partial<BudgetRefusal>);

/** Which cap is in the way, and when to ask again: milliseconds since the epoch, 0 for never by itself. */
export interface BudgetRefusal {
  readonly cap: string;
  readonly resetAt: number;
  /** The worst case that did not fit. */
  readonly neededMicroUsd: number;
}

/** The cap that kept a question from being asked, where it was one. */
export function suspensionBy(
  failure: ModelAnswer<unknown> & { kind: "failed" },
): Omit<Suspension, "head"> | undefined {
  const { cap, reason, resetAt, neededMicroUsd } = failure;
  if (cap === undefined || resetAt === undefined) return undefined;
  return { cap, reason, resetAt, ...(neededMicroUsd === undefined ? {} : { neededMicroUsd }) };
}

/** One try, for metrics, logs and the record of models that answered in place of others. */
export interface ModelCall {
  readonly vendor: ModelVendor;
  readonly endpoint: string;
  readonly asked: string;
  readonly answered?: string;
  /** Somebody else answered than was asked; such an answer does not count. */
  readonly isOtherModel: boolean;
  /** `answered`, or the code of the failure. */
  readonly outcome: string;
  readonly durationMs: number;
  readonly usage?: ModelUsage;
  /** What was settled; absent when the reservation was charged because nothing was reported. */
  readonly costMicroUsd?: number;
  readonly reservedMicroUsd: number;
}

export interface ModelClientOptions {
  readonly vendor: ModelVendor;
  readonly model: string;
  /** Default: the maker, from the model's name. */
  readonly family?: string;
  /** In the order of preference. */
  readonly endpoints: readonly { readonly name: string; readonly api: ModelApi }[];
  readonly prices: ModelPrices;
  readonly spend: SpendGuard;
  readonly cache?: AnswerCache;
  readonly onCall?: (call: ModelCall) => void;
  /** Limit of one try. */
  readonly tryTimeoutMs: number;
  /** Default 3. */
  readonly maxTries?: number;
  /** Wait before the second try, doubled each time; default 500. */
  readonly backoffMs?: number;
  /** How long an endpoint that keeps failing is left alone; default 30,000. */
  readonly restMs?: number;
}

export interface ModelClient {
  readonly vendor: ModelVendor;
  readonly model: string;
  readonly family: string;
  readonly endpoints: readonly GuardedEndpoint[];
  /** Never throws for what a model, an endpoint or the budget does. */
  ask<T>(question: ModelQuestion<T>, signal: AbortSignal): Promise<ModelAnswer<T>>;
}

/** A client of one model. Opening it asks nothing yet. */
export function modelClient(options: ModelClientOptions): ModelClient {
  const { vendor, model, family = familyOf(model), restMs = 30_000 } = options;
  const endpoints = options.endpoints.map(({ name, api }) => guardedEndpoint(name, api, restMs));
  const client = { ...options, endpoints };
  return {
    vendor,
    model,
    family,
    endpoints,
    ask: (question, signal) => askOnce(client, question, signal),
  };
}

/** The options with a breaker in front of every endpoint. */
export type GuardedClient = Omit<ModelClientOptions, "endpoints"> & {
  readonly endpoints: readonly GuardedEndpoint[];
};

async function askOnce<T>(
  client: GuardedClient,
  question: ModelQuestion<T>,
  outer: AbortSignal,
): Promise<ModelAnswer<T>> {
  const { vendor, model, cache } = client;
  const { system, user, schemaName, maxOutputTokens, maxReplyChars: maxChars } = question;
  const schema = wireSchema(question.schema);
  const request = { model, system, user, schemaName, schema, maxOutputTokens };
  const wanted = { model, schema: question.schema, maxChars };
  const key = answerKey([1, vendor, request]);
  const kept = cachedReply(await cache?.get(key));
  if (kept) {
    const belief = believe(kept, wanted);
    // An answer kept under another version's rules is asked for again.
    if (belief.kind === "believed")
      return { kind: "answered", value: belief.value, model, costMicroUsd: 0, isCached: true };
  }
  const tried = await tryEndpoints(client, request, question, outer);
  const { costMicroUsd } = tried;
  if (tried.kind === "failed") return tried;
  const belief = believe(tried.reply, wanted);
  if (belief.kind === "failed") return { ...belief, costMicroUsd };
  const { text, model: answered = model } = tried.reply;
  await cache?.put(key, JSON.stringify({ text, model: answered }));
  return { kind: "answered", value: belief.value, model: answered, costMicroUsd, isCached: false };
}

function cachedReply(text: string | undefined): ModelReply | undefined {
  if (text === undefined) return undefined;
  try {
    const kept: unknown = JSON.parse(text);
    if (typeof kept !== "object" || kept === null) return undefined;
    if (!("text" in kept && "model" in kept)) return undefined;
    if (typeof kept.text !== "string" || typeof kept.model !== "string") return undefined;
    return { text: kept.text, model: kept.model, ending: "complete", usage: undefined };
  } catch {
    return undefined;
  }
}
