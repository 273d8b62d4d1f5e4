import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import type { CheckOutcome } from "./operations-server.ts";
import { defineSettings } from "./settings.ts";
import { recordSpan } from "./tracing.ts";

/** Settings of every process that may ask a model. */
export const modelSettings = defineSettings({
  anthropicApiKey: {
    env: "ANTHROPIC_API_KEY",
    kind: "secret",
    meaning: "Key of the provider `anthropic`.",
  },
  openaiApiKey: { env: "OPENAI_API_KEY", kind: "secret", meaning: "Key of the provider `openai`." },
  geminiApiKey: { env: "GEMINI_API_KEY", kind: "secret", meaning: "Key of the provider `gemini`." },
  modelPricesFile: {
    env: "COUNCIL_MODEL_PRICES",
    kind: "path",
    meaning:
      "File of own prices (JSON): US dollars per million tokens by model id; they win over the known ones.",
  },
});

/** The key of a provider: the process's own, or the provider's well-known one. */
export function modelKeyOf(
  vendor: string,
  own: string | undefined,
  keys: {
    readonly anthropicApiKey: string | undefined;
    readonly openaiApiKey: string | undefined;
    readonly geminiApiKey: string | undefined;
  },
): string | undefined {
  const known: Readonly<Record<string, string | undefined>> = {
    anthropic: keys.anthropicApiKey,
    openai: keys.openaiApiKey,
    gemini: keys.geminiApiKey,
  };
  return own ?? known[vendor];
}

/** One try of a question, as the providers report it. */
interface Call {
  readonly vendor: string;
  readonly endpoint: string;
  readonly asked: string;
  readonly answered?: string;
  readonly isOtherModel: boolean;
  readonly outcome: string;
  readonly durationMs: number;
  readonly usage?: { readonly inputTokens: number; readonly outputTokens: number };
  readonly costMicroUsd?: number;
  readonly reservedMicroUsd: number;
}

const outcomes = [
  "answered",
  "rate-limited",
  "server-fault",
  "unreachable",
  "cut-off",
  "timeout",
  "aborted",
  "request-refused",
  "malformed",
];

/** Counts and logs every try of every question; a model that answers in another's place is told. */
export function modelCalls(metrics: Metrics, log: Log): (call: Call) => void {
  const seconds = metrics.histogram({
    name: "council_model_call_seconds",
    help: "Calls of models, each try by itself, by outcome.",
    labels: { outcome: outcomes },
    buckets: [0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320],
  });
  const tokens = metrics.counter({
    name: "council_model_tokens_total",
    help: "Tokens models reported, input with what was cached, output with reasoning.",
    labels: { direction: ["input", "output"] },
  });
  const dollars = metrics.counter({
    name: "council_model_cost_usd_total",
    help: "What calls of models cost, US dollars; what reported no usage at its worst case.",
  });
  const others = metrics.counter({
    name: "council_model_mismatch_total",
    help: "Answers by another model than the one that was asked; they do not count.",
  });
  return (call) => {
    const { outcome, usage, reservedMicroUsd, costMicroUsd = reservedMicroUsd } = call;
    seconds.observe(call.durationMs / 1000, { outcome });
    tokens.add(usage?.inputTokens ?? 0, { direction: "input" });
    tokens.add(usage?.outputTokens ?? 0, { direction: "output" });
    dollars.add(costMicroUsd / 1e6);
    const answered = call.answered?.slice(0, 100);
    log.info({ ...call, answered }, "a model was asked");
    recordModelSpan(call, answered);
    if (!call.isOtherModel) return;
    others.add(1);
    log.warn({ asked: call.asked, answered }, "another model answered");
  };
}

/** By OpenTelemetry's conventions for generative models. Neither prompt nor reply is in it. */
function recordModelSpan(call: Call, answered: string | undefined): void {
  const { asked, vendor, usage, outcome, durationMs, endpoint } = call;
  recordSpan({
    name: `chat ${asked}`,
    role: "client",
    fields: {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": vendor === "gemini" ? "gcp.gemini" : vendor,
      "gen_ai.request.model": asked,
      "gen_ai.response.model": answered,
      "gen_ai.usage.input_tokens": usage?.inputTokens,
      "gen_ai.usage.output_tokens": usage?.outputTokens,
      "server.address": endpoint,
    },
    durationMs,
    ...(outcome === "answered" ? {} : { error: outcome }),
  });
}

/** What looking a model up says, for the log, and as a readiness check. */
export function modelNews(
  log: Log,
  model: string,
): (check: {
  readonly kind: string;
  readonly shutdownAt?: number;
  readonly reason?: string;
}) => void {
  return ({ kind, shutdownAt, reason }) => {
    if (kind === "available") return;
    const shutdown = shutdownAt === undefined ? undefined : new Date(shutdownAt).toISOString();
    log.warn({ model, kind, reason, shutdown }, "the model needs attention; choose another");
  };
}

/** Ready while the model is not known to be gone. */
export function modelReadiness(check: {
  readonly kind: string;
  readonly reason?: string;
}): CheckOutcome {
  return check.kind === "absent"
    ? { kind: "failing", reason: check.reason ?? "the model is gone" }
    : { kind: "ok" };
}
