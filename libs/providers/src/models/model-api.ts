/** Whose protocol an endpoint speaks; `openai-compatible` is chat completions as vLLM, Ollama or a proxy serve them. */
export type ModelVendor = "anthropic" | "openai" | "gemini" | "openai-compatible";

export const modelVendors = ["anthropic", "openai", "gemini", "openai-compatible"] as const;

/** One question as it goes over the wire. There are no tools, and nothing is remembered between two. */
export interface ModelRequest {
  readonly model: string;
  readonly system: string;
  readonly user: string;
  /** `a-z` and `_`; some vendors want a name beside the schema. */
  readonly schemaName: string;
  /** Closed JSON schema the answer has to have. */
  readonly schema: Readonly<Record<string, unknown>>;
  readonly maxOutputTokens: number;
}

/** What a vendor says a call took. Input counts cached tokens too, output counts reasoning. */
export interface ModelUsage {
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
}

/** What came back, before anybody believes it. */
export interface ModelReply {
  readonly text: string;
  /** The model that answered, as the endpoint names it. */
  readonly model: string | undefined;
  readonly ending: "complete" | "truncated" | "refused";
  readonly usage: ModelUsage | undefined;
}

/** What an endpoint knows of a model. `shutdownAt` in milliseconds since the epoch. */
export type ModelListing =
  | { readonly kind: "listed"; readonly shutdownAt?: number }
  | { readonly kind: "absent" };

/** One endpoint of one vendor. Both calls throw ModelError, and nothing else. */
export interface ModelApi {
  ask(request: ModelRequest, signal: AbortSignal): Promise<ModelReply>;
  find(model: string, signal: AbortSignal): Promise<ModelListing>;
}

export type ModelErrorCode =
  | "rate-limited"
  | "server-fault"
  | "unreachable"
  | "cut-off"
  | "timeout"
  | "aborted"
  | "request-refused"
  | "malformed";

/** An endpoint failed. The message holds nothing an endpoint wrote: error texts repeat prompts and keys. */
export class ModelError extends Error {
  readonly code: ModelErrorCode;
  readonly status: number | undefined;
  /** How long the endpoint asks to be left alone, milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ModelErrorCode,
    message: string,
    details: { readonly status?: number; readonly retryAfterMs?: number | undefined } = {},
  ) {
    super(message);
    this.name = "ModelError";
    this.code = code;
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** Counts that can be billed: safe integers from 0; anything else is no usage. */
export function usageOf(counts: {
  readonly input: unknown;
  readonly cacheRead?: unknown;
  readonly cacheWrite?: unknown;
  readonly output: unknown;
}): ModelUsage | undefined {
  const inputTokens = countOf(counts.input);
  const cacheReadTokens = countOf(counts.cacheRead ?? 0);
  const cacheWriteTokens = countOf(counts.cacheWrite ?? 0);
  const outputTokens = countOf(counts.output);
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  if (cacheReadTokens === undefined || cacheWriteTokens === undefined) return undefined;
  if (cacheReadTokens + cacheWriteTokens > inputTokens) return undefined;
  return { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens };
}

function countOf(value: unknown): number | undefined {
  const isCount = typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
  return isCount ? value : undefined;
}

/** When a listing says the model goes, whatever the vendor calls it: a date, or seconds since the epoch. */
export function shutdownOf(listing: unknown): number | undefined {
  if (typeof listing !== "object" || listing === null) return undefined;
  const fields: Readonly<Record<string, unknown>> = { ...listing };
  for (const name of ["shutdown_date", "shutdownDate", "retires_at", "shutdownTime"]) {
    const value = fields[name];
    if (typeof value === "number" && Number.isFinite(value)) return value * 1000;
    const at = typeof value === "string" ? Date.parse(value) : Number.NaN;
    if (Number.isFinite(at)) return at;
  }
  return undefined;
}
