import { modelErrorOf, exchange } from "./http-exchange.ts";
import { type ModelApi, type ModelUsage, shutdownOf, usageOf } from "./model-api.ts";
import type { EndpointOptions } from "./open-model-api.ts";

/** The Messages API. Its own retries are off: every try has to be paid for by a reservation (P7). */
export async function anthropicApi(options: EndpointOptions): Promise<ModelApi> {
  const { Anthropic } = await import("@anthropic-ai/sdk");
  const client = new Anthropic({
    apiKey: options.apiKey,
    authToken: null,
    webhookKey: null,
    // Named also when it is the default: the environment must not lead the key elsewhere.
    baseURL: options.baseUrl ?? "https://api.anthropic.com",
    maxRetries: 0,
    timeout: options.timeoutMs,
    logLevel: "off",
    fetch: exchange,
  });
  return {
    ask: async (request, signal) => {
      try {
        const reply = await client.messages.create(
          {
            model: request.model,
            max_tokens: request.maxOutputTokens,
            system: request.system,
            messages: [{ role: "user", content: request.user }],
            output_config: { format: { type: "json_schema", schema: { ...request.schema } } },
            service_tier: "standard_only",
          },
          { signal },
        );
        const texts = reply.content.flatMap((part) => (part.type === "text" ? [part.text] : []));
        return {
          text: texts.join(""),
          model: reply.model,
          ending: endingOf(reply.stop_reason),
          usage: usageIn(reply.usage),
        };
      } catch (error) {
        throw modelErrorOf(error, signal);
      }
    },
    find: async (model, signal) => {
      try {
        const found = await client.models.retrieve(model, {}, { signal });
        if (found.lifecycle === "retired") return { kind: "absent" };
        const shutdownAt = shutdownOf(found);
        return { kind: "listed", ...(shutdownAt === undefined ? {} : { shutdownAt }) };
      } catch (error) {
        const fault = modelErrorOf(error, signal);
        if (fault.status === 404) return { kind: "absent" };
        throw fault;
      }
    },
  };
}

function endingOf(reason: string | null) {
  if (reason === "refusal") return "refused";
  return reason === "end_turn" || reason === "stop_sequence" ? "complete" : "truncated";
}

/** Anthropic's input count leaves out what came from the cache or went into it. */
function usageIn(usage: Partial<AnthropicUsage> | null | undefined): ModelUsage | undefined {
  if (typeof usage?.input_tokens !== "number") return undefined;
  const cacheRead = usage.cache_read_input_tokens ?? 0;
  const cacheWrite = usage.cache_creation_input_tokens ?? 0;
  const input = usage.input_tokens + cacheRead + cacheWrite;
  return usageOf({ input, cacheRead, cacheWrite, output: usage.output_tokens });
}

interface AnthropicUsage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_input_tokens: number | null;
  readonly cache_creation_input_tokens: number | null;
}
