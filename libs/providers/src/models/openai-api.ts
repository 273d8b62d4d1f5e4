import { exchange, modelErrorOf } from "./http-exchange.ts";
import { type ModelApi, ModelError, type ModelReply, shutdownOf, usageOf } from "./model-api.ts";
import type { EndpointOptions } from "./open-model-api.ts";

/** The Responses API. Nothing is stored at the vendor, and the SDK's own retries are off (P7). */
export async function openaiApi(options: EndpointOptions): Promise<ModelApi> {
  const client = await openClient(options);
  return {
    ask: async (request, signal) => {
      try {
        const reply = await client.responses.create(
          {
            model: request.model,
            instructions: request.system,
            input: request.user,
            max_output_tokens: request.maxOutputTokens,
            text: { format: { type: "json_schema", strict: true, ...named(request) } },
            store: false,
            service_tier: "default",
          },
          { signal },
        );
        const parts = reply.output.flatMap((item) => (item.type === "message" ? item.content : []));
        const isRefused = parts.some((part) => part.type === "refusal");
        const { usage } = reply;
        return {
          text: parts.flatMap((part) => (part.type === "output_text" ? [part.text] : [])).join(""),
          model: reply.model,
          ending: isRefused || isFiltered(reply) ? "refused" : endingOf(reply.status),
          usage: usageOf({
            input: usage?.input_tokens,
            cacheRead: usage?.input_tokens_details?.cached_tokens,
            cacheWrite: usage?.input_tokens_details?.cache_write_tokens,
            output: usage?.output_tokens,
          }),
        };
      } catch (error) {
        throw modelErrorOf(error, signal);
      }
    },
    find: async (model, signal) => {
      try {
        const shutdownAt = shutdownOf(await client.models.retrieve(model, { signal }));
        return { kind: "listed", ...(shutdownAt === undefined ? {} : { shutdownAt }) };
      } catch (error) {
        const fault = modelErrorOf(error, signal);
        if (fault.status === 404) return { kind: "absent" };
        throw fault;
      }
    },
  };
}

/** Chat completions, for whatever serves them; such a server may list its models or not. */
export async function compatibleApi(options: EndpointOptions): Promise<ModelApi> {
  const client = await openClient(options);
  return {
    ask: async (request, signal) => {
      try {
        const reply = await client.chat.completions.create(
          {
            model: request.model,
            messages: [
              { role: "system", content: request.system },
              { role: "user", content: request.user },
            ],
            max_tokens: request.maxOutputTokens,
            response_format: {
              type: "json_schema",
              json_schema: { strict: true, ...named(request) },
            },
          },
          { signal },
        );
        return replyOf(reply);
      } catch (error) {
        throw modelErrorOf(error, signal);
      }
    },
    find: async (model, signal) => {
      try {
        for await (const found of client.models.list({ signal })) {
          if (found.id !== model) continue;
          const shutdownAt = shutdownOf(found);
          return { kind: "listed", ...(shutdownAt === undefined ? {} : { shutdownAt }) };
        }
        return { kind: "absent" };
      } catch (error) {
        throw modelErrorOf(error, signal);
      }
    },
  };
}

async function openClient(options: EndpointOptions) {
  const { OpenAI } = await import("openai");
  return new OpenAI({
    apiKey: options.apiKey,
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    // Named also when it is the default: the environment must not lead the key elsewhere.
    baseURL: options.baseUrl ?? "https://api.openai.com/v1",
    maxRetries: 0,
    timeout: options.timeoutMs,
    logLevel: "off",
    fetch: exchange,
  });
}

const named = (request: { schemaName: string; schema: Readonly<Record<string, unknown>> }) => ({
  name: request.schemaName,
  schema: { ...request.schema },
});

const endingOf = (status: string | undefined) =>
  status === "completed" ? "complete" : ("truncated" as const);

const isFiltered = (reply: { incomplete_details: { reason?: string } | null }) =>
  reply.incomplete_details?.reason === "content_filter";

interface Completion {
  readonly model?: string;
  readonly choices: readonly {
    readonly finish_reason: string | null;
    readonly message: { readonly content: string | null; readonly refusal?: string | null };
  }[];
  readonly usage?:
    | {
        readonly prompt_tokens?: number;
        readonly completion_tokens?: number;
        readonly prompt_tokens_details?:
          | {
              readonly cached_tokens?: number | null | undefined;
              readonly cache_write_tokens?: number | null | undefined;
            }
          | null
          | undefined;
      }
    | null
    | undefined;
}

function replyOf({ model, choices, usage }: Completion): ModelReply {
  const [choice] = choices;
  if (!choice) throw new ModelError("malformed", "the answer has no choice");
  const { content, refusal } = choice.message;
  const isRefused = Boolean(refusal) || choice.finish_reason === "content_filter";
  return {
    text: content ?? "",
    model,
    ending: isRefused ? "refused" : choice.finish_reason === "stop" ? "complete" : "truncated",
    usage: usageOf({
      input: usage?.prompt_tokens,
      cacheRead: usage?.prompt_tokens_details?.cached_tokens,
      cacheWrite: usage?.prompt_tokens_details?.cache_write_tokens,
      output: usage?.completion_tokens,
    }),
  };
}
