/** The four wire formats, as far as Council speaks them, from the server's side. */
import type { LoopbackQuestion } from "./loopback-models.ts";

type Vendor = LoopbackQuestion["vendor"];
type Fields = Readonly<Record<string, unknown>>;

export interface LoopbackUsage {
  /** All input, cached or not. */
  readonly inputTokens: number;
  readonly cachedTokens?: number;
  /** Without reasoning. */
  readonly outputTokens: number;
  readonly reasoningTokens?: number;
}

interface Reply {
  readonly text: string;
  readonly model: string;
  readonly ending: "complete" | "truncated" | "refused";
  readonly usage: LoopbackUsage | null;
}

/** Which protocol a path belongs to. */
export function protocolOf(path: string): Vendor | undefined {
  if (path === "/v1/messages") return "anthropic";
  if (path === "/v1/responses") return "openai";
  if (path === "/v1/chat/completions") return "openai-compatible";
  return /\/models\/[^/]+:generateContent$/.test(path) ? "gemini" : undefined;
}

export function readQuestion(
  vendor: Vendor,
  path: string,
  body: Fields,
): Omit<LoopbackQuestion, "body" | "headers"> {
  const model = textIn(body["model"]);
  switch (vendor) {
    case "anthropic": {
      const user = textIn(fieldsOf(body["messages"], 0)["content"]);
      const system = textIn(body["system"]);
      return {
        vendor,
        model,
        system,
        user,
        schemaName: "",
        maxOutputTokens: count(body, "max_tokens"),
      };
    }
    case "openai": {
      const format = fieldsOf(fieldsOf(body["text"])["format"]);
      return {
        vendor,
        model,
        system: textIn(body["instructions"]),
        user: textIn(body["input"]),
        schemaName: textIn(format["name"]),
        maxOutputTokens: count(body, "max_output_tokens"),
      };
    }
    case "openai-compatible": {
      const format = fieldsOf(fieldsOf(body["response_format"])["json_schema"]);
      return {
        vendor,
        model,
        system: textIn(fieldsOf(body["messages"], 0)["content"]),
        user: textIn(fieldsOf(body["messages"], 1)["content"]),
        schemaName: textIn(format["name"]),
        maxOutputTokens: count(body, "max_tokens"),
      };
    }
    case "gemini": {
      const [, name = ""] = /\/models\/([^/]+):generateContent$/.exec(path) ?? [];
      const config = fieldsOf(body["generationConfig"]);
      return {
        vendor,
        model: decodeURIComponent(name),
        system: partsText(fieldsOf(body["systemInstruction"])),
        user: partsText(fieldsOf(body["contents"], 0)),
        schemaName: "",
        maxOutputTokens: count(config, "maxOutputTokens"),
      };
    }
  }
}

export function writeReply(vendor: Vendor, reply: Reply): unknown {
  switch (vendor) {
    case "anthropic":
      return anthropicReply(reply);
    case "openai":
      return openaiReply(reply);
    case "openai-compatible":
      return compatibleReply(reply);
    case "gemini":
      return geminiReply(reply);
  }
}

function anthropicReply({ text, model, ending, usage }: Reply) {
  const reasons = { complete: "end_turn", truncated: "max_tokens", refused: "refusal" };
  const { inputTokens = 0, cachedTokens = 0, outputTokens = 0, reasoningTokens = 0 } = usage ?? {};
  return {
    id: "msg_loopback",
    type: "message",
    role: "assistant",
    model,
    content: [{ type: "text", text }],
    stop_reason: reasons[ending],
    stop_sequence: null,
    ...(usage && {
      usage: {
        input_tokens: inputTokens - cachedTokens,
        cache_read_input_tokens: cachedTokens,
        cache_creation_input_tokens: 0,
        output_tokens: outputTokens + reasoningTokens,
      },
    }),
  };
}

function openaiReply({ text, model, ending, usage }: Reply) {
  const { inputTokens = 0, cachedTokens = 0, outputTokens = 0, reasoningTokens = 0 } = usage ?? {};
  const part =
    ending === "refused" ? { type: "refusal", refusal: "no" } : { type: "output_text", text };
  return {
    id: "resp_loopback",
    object: "response",
    model,
    status: ending === "truncated" ? "incomplete" : "completed",
    incomplete_details: ending === "truncated" ? { reason: "max_output_tokens" } : null,
    output: [{ type: "message", id: "m", role: "assistant", status: "completed", content: [part] }],
    ...(usage && {
      usage: {
        input_tokens: inputTokens,
        input_tokens_details: { cached_tokens: cachedTokens, cache_write_tokens: 0 },
        output_tokens: outputTokens + reasoningTokens,
        output_tokens_details: { reasoning_tokens: reasoningTokens },
        total_tokens: inputTokens + outputTokens + reasoningTokens,
      },
    }),
  };
}

function compatibleReply({ text, model, ending, usage }: Reply) {
  const reasons = { complete: "stop", truncated: "length", refused: "stop" };
  const { inputTokens = 0, cachedTokens = 0, outputTokens = 0, reasoningTokens = 0 } = usage ?? {};
  const isRefused = ending === "refused";
  const message = {
    role: "assistant",
    content: isRefused ? null : text,
    refusal: isRefused ? "no" : null,
  };
  return {
    id: "chat_loopback",
    object: "chat.completion",
    model,
    choices: [{ index: 0, finish_reason: reasons[ending], message, logprobs: null }],
    ...(usage && {
      usage: {
        prompt_tokens: inputTokens,
        prompt_tokens_details: { cached_tokens: cachedTokens },
        completion_tokens: outputTokens + reasoningTokens,
        total_tokens: inputTokens + outputTokens + reasoningTokens,
      },
    }),
  };
}

function geminiReply({ text, model, ending, usage }: Reply) {
  const reasons = { complete: "STOP", truncated: "MAX_TOKENS", refused: "SAFETY" };
  return {
    modelVersion: model,
    candidates: [
      { index: 0, finishReason: reasons[ending], content: { role: "model", parts: [{ text }] } },
    ],
    ...(usage && {
      usageMetadata: {
        promptTokenCount: usage.inputTokens,
        cachedContentTokenCount: usage.cachedTokens ?? 0,
        candidatesTokenCount: usage.outputTokens,
        thoughtsTokenCount: usage.reasoningTokens ?? 0,
        totalTokenCount: usage.inputTokens + usage.outputTokens + (usage.reasoningTokens ?? 0),
      },
    }),
  };
}

function fieldsOf(value: unknown, index?: number): Fields {
  const found: unknown =
    index === undefined ? value : Array.isArray(value) ? value[index] : undefined;
  return typeof found === "object" && found !== null ? { ...found } : {};
}

const partsText = (content: Fields) =>
  Array.isArray(content["parts"])
    ? content["parts"].map((part: unknown) => textIn(fieldsOf(part)["text"])).join("")
    : "";

const textIn = (value: unknown) => (typeof value === "string" ? value : "");
const count = (body: Fields, name: string) => (typeof body[name] === "number" ? body[name] : 0);
