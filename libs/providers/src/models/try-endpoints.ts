import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { GuardedEndpoint } from "./guarded-endpoint.ts";
import { modelErrorOf } from "./http-exchange.ts";
import { modelFailure, type ModelFailure } from "./model-answer.ts";
import { ModelError, type ModelReply, type ModelRequest, type ModelUsage } from "./model-api.ts";
import { isSameModel } from "./model-name.ts";
import type { BudgetRefusal, GuardedClient, ModelCall, Spender } from "./model-client.ts";

/** The end of all tries. */
export type Tried = { readonly costMicroUsd: number } & (
  | { readonly kind: "replied"; readonly reply: ModelReply }
  | (ModelFailure & Partial<BudgetRefusal>)
);

interface Asking {
  readonly client: GuardedClient;
  readonly request: ModelRequest;
  readonly spender: Spender;
  /** Ends at the caller's wish or at the time limit of the whole question. */
  readonly signal: AbortSignal;
  /** Micro-dollars so far, of all tries. */
  readonly spent: { microUsd: number };
}

/** An endpoint that asks to be left alone for longer is not waited for. */
const maxWaitMs = 30_000;

/**
 * Tries until there is a reply, whatever it says: to pay again for an answer one dislikes is no retry.
 * A failed try goes to the next endpoint at once, and waits before it comes back to the same one.
 */
export async function tryEndpoints(
  client: GuardedClient,
  request: ModelRequest,
  question: { readonly spender: Spender; readonly timeoutMs: number },
  outer: AbortSignal,
): Promise<Tried> {
  const { spender, timeoutMs } = question;
  const { maxTries = 3, backoffMs = 500 } = client;
  const signal = AbortSignal.any([outer, AbortSignal.timeout(timeoutMs)]);
  const spent = { microUsd: 0 };
  const asking: Asking = { client, request, spender, signal, spent };
  const order = [...client.endpoints];
  for (let tries = 1; ; tries += 1) {
    const { endpoint, outcome } = await tryFirstAwake(asking, order);
    const costMicroUsd = spent.microUsd;
    if (!(outcome instanceof ModelError)) return { ...outcome, costMicroUsd };
    const failure = { ...failureOf(outcome, outer), costMicroUsd };
    if (tries >= maxTries || !endpoint || !isWorthAnother(outcome) || signal.aborted)
      return failure;
    order.push(...order.splice(order.indexOf(endpoint), 1));
    if (tries < order.length) continue;
    const waitMs = Math.max(outcome.retryAfterMs ?? 0, backoffMs * 2 ** (tries - 1));
    if (waitMs > maxWaitMs) return failure;
    const isEnded = await wait(waitMs, false, { signal }).catch(() => true);
    if (isEnded) return failure;
  }
}

interface Try {
  readonly endpoint?: GuardedEndpoint;
  readonly outcome:
    | { readonly kind: "replied"; readonly reply: ModelReply }
    | (ModelFailure & Partial<BudgetRefusal>)
    | ModelError;
}

async function tryFirstAwake(asking: Asking, order: readonly GuardedEndpoint[]): Promise<Try> {
  for (const endpoint of order) {
    try {
      const outcome = await endpoint.through(() => payAndAsk(asking, endpoint));
      if (outcome !== "resting") return { endpoint, outcome };
    } catch (error) {
      if (error instanceof ModelError) return { endpoint, outcome: error };
      throw error;
    }
  }
  const reason = "every endpoint is left alone after failures in a row";
  return { outcome: modelFailure("model-unavailable", reason) };
}

/** One try. P7: nothing is sent before its worst case is reserved, under an id no other try has. */
async function payAndAsk(asking: Asking, endpoint: GuardedEndpoint): Promise<Try["outcome"]> {
  const { client, request, spender, signal, spent } = asking;
  const worst = worstCaseMicroUsd(client, request);
  if (worst === undefined) {
    const remedy = "add it to the file of own prices";
    return modelFailure("price-unknown", `nobody knows the price of ${client.model}; ${remedy}`);
  }
  const callId = `${spender.callId}/${randomUUID()}`;
  const { model } = client;
  const decision = await client.spend.reserve({
    ...spender,
    callId,
    model,
    worstCaseMicroUsd: worst,
  });
  if (decision.kind === "refused") {
    const { cap, reason, resetAt } = decision;
    return { ...modelFailure("over-budget", reason), cap, resetAt, neededMicroUsd: worst };
  }
  const trySignal = AbortSignal.any([signal, AbortSignal.timeout(client.tryTimeoutMs)]);
  const startedAt = performance.now();
  const settle = async (costMicroUsd: number | undefined, more: Partial<ModelCall>) => {
    spent.microUsd += costMicroUsd ?? worst;
    // A reservation that cannot be settled expires into spent: the cap holds without our word.
    await client.spend.settle(callId, costMicroUsd).catch(() => {});
    client.onCall?.({
      vendor: client.vendor,
      endpoint: endpoint.name,
      asked: model,
      outcome: "answered",
      isOtherModel: false,
      durationMs: performance.now() - startedAt,
      reservedMicroUsd: worst,
      ...(costMicroUsd === undefined ? {} : { costMicroUsd }),
      ...more,
    });
  };
  try {
    const reply = await endpoint.api.ask(request, trySignal);
    const { usage, model: answered } = reply;
    // The price of whoever answered; without usage or price the reservation is charged.
    const cost =
      usage && answered !== undefined
        ? client.prices.costMicroUsd(client.vendor, answered, usage)
        : undefined;
    await settle(cost, {
      ...(usage ? { usage } : {}),
      ...(answered === undefined ? {} : { answered }),
      isOtherModel: answered === undefined || !isSameModel(model, answered),
    });
    return { kind: "replied", reply };
  } catch (error) {
    const fault = error instanceof ModelError ? error : modelErrorOf(error, trySignal);
    // Turned away before any work, or never reached. What timed out may have been billed all the same.
    const isFree = ["rate-limited", "request-refused", "unreachable"].includes(fault.code);
    await settle(isFree ? 0 : undefined, { outcome: fault.code });
    throw fault;
  }
}

/** Tokens a vendor adds around what is sent: roles, the schema's wrapping, separators. */
const overheadTokens = 1_000;

/**
 * Upper bound without a tokenizer: a token is at least one byte of UTF-8. Input may be billed as written
 * to a cache, which some vendors charge more for. The price tier is that of the bound, never a lower one.
 */
function worstCaseMicroUsd(client: GuardedClient, request: ModelRequest): number | undefined {
  const { system, user, schema, maxOutputTokens: outputTokens } = request;
  const sent = system + user + JSON.stringify(schema);
  const inputTokens = Buffer.byteLength(sent) + overheadTokens;
  const costs = [0, inputTokens].map((cacheWriteTokens) => {
    const usage: ModelUsage = { inputTokens, cacheReadTokens: 0, cacheWriteTokens, outputTokens };
    return client.prices.costMicroUsd(client.vendor, client.model, usage);
  });
  const known = costs.filter((cost) => cost !== undefined);
  // A price of nothing is reserved as the smallest sum there is, so that a stop of all spending holds it too.
  return known.length === costs.length ? Math.max(1, ...known) : undefined;
}

function isWorthAnother({ code }: ModelError): boolean {
  return ["rate-limited", "server-fault", "unreachable", "cut-off", "timeout"].includes(code);
}

function failureOf(error: ModelError, outer: AbortSignal): ModelFailure {
  if (outer.aborted) return modelFailure("aborted", "aborted while the model was asked");
  switch (error.code) {
    case "rate-limited":
    case "server-fault":
    case "unreachable":
    case "cut-off":
      return modelFailure("model-unavailable", error.message);
    case "timeout":
    case "aborted":
      return modelFailure("model-timeout", "no answer within the time limit");
    case "request-refused":
      return modelFailure(
        "request-refused",
        `${error.message}: key, model or request is not taken`,
      );
    case "malformed":
      return modelFailure("invalid-reply", error.message);
  }
}
