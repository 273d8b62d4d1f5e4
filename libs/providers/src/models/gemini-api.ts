import { exchange, modelErrorOf } from "./http-exchange.ts";
import { type ModelApi, type ModelReply, shutdownOf, usageOf } from "./model-api.ts";
import type { EndpointOptions } from "./open-model-api.ts";

/** The Gemini API's `generateContent`. Its SDK does not retry unless asked to, and it is not asked to (P7). */
export async function geminiApi(options: EndpointOptions): Promise<ModelApi> {
  const { GoogleGenAI } = await import("@google/genai");
  const client = new GoogleGenAI({
    apiKey: options.apiKey,
    vertexai: false,
    httpOptions: {
      // Named also when it is the default: the environment must not lead the key elsewhere.
      baseUrl: options.baseUrl ?? "https://generativelanguage.googleapis.com",
      fetch: exchange,
    },
  });
  return {
    ask: async (request, signal) => {
      try {
        const reply = await client.models.generateContent({
          model: request.model,
          contents: request.user,
          config: {
            systemInstruction: request.system,
            maxOutputTokens: request.maxOutputTokens,
            responseMimeType: "application/json",
            responseJsonSchema: request.schema,
            abortSignal: signal,
          },
        });
        const [candidate] = reply.candidates ?? [];
        const parts = candidate?.content?.parts ?? [];
        return {
          text: parts.flatMap(({ text, thought }) => (text && !thought ? [text] : [])).join(""),
          model: reply.modelVersion,
          ending: endingOf(candidate?.finishReason, reply.promptFeedback?.blockReason),
          usage: usageIn(reply.usageMetadata),
        };
      } catch (error) {
        throw modelErrorOf(error, signal);
      }
    },
    find: async (model, signal) => {
      try {
        const found = await client.models.get({ model, config: { abortSignal: signal } });
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

function endingOf(finish: string | undefined, blocked: string | undefined): ModelReply["ending"] {
  if (blocked !== undefined) return "refused";
  if (finish === "STOP") return "complete";
  return finish === undefined || finish === "MAX_TOKENS" ? "truncated" : "refused";
}

interface GeminiUsage {
  readonly promptTokenCount?: number;
  readonly cachedContentTokenCount?: number;
  readonly candidatesTokenCount?: number;
  readonly thoughtsTokenCount?: number;
}

/** The candidates' count leaves out the thoughts, which are billed as output all the same. */
function usageIn(usage: GeminiUsage | undefined) {
  if (!usage) return undefined;
  const { candidatesTokenCount, thoughtsTokenCount } = usage;
  // An answer of thoughts alone has no count of candidates; one without either says nothing.
  const isCounted = candidatesTokenCount !== undefined || thoughtsTokenCount !== undefined;
  return usageOf({
    input: usage.promptTokenCount,
    cacheRead: usage.cachedContentTokenCount,
    output: isCounted ? (candidatesTokenCount ?? 0) + (thoughtsTokenCount ?? 0) : undefined,
  });
}
