/**
 * A server on the loopback interface that speaks the four protocols of model vendors and misbehaves on
 * demand. For tests and demonstrations: the real SDKs are driven against it, no key and no money needed.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type LoopbackUsage, protocolOf, readQuestion, writeReply } from "./model-protocols.ts";

/** One question as it came in. */
export interface LoopbackQuestion {
  readonly vendor: "anthropic" | "openai" | "gemini" | "openai-compatible";
  readonly model: string;
  readonly system: string;
  readonly user: string;
  readonly schemaName: string;
  readonly maxOutputTokens: number;
  /** The whole body, as sent. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** What is answered. Without more, `text` by the model that was asked, with plausible usage. */
export type LoopbackReply =
  | {
      readonly kind: "text";
      readonly text: string;
      /** The model that claims to have answered. */
      readonly model?: string;
      /** `null`: none is reported. */
      readonly usage?: LoopbackUsage | null;
      readonly ending?: "complete" | "truncated" | "refused";
    }
  | { readonly kind: "status"; readonly status: number; readonly retryAfterS?: number }
  /** Moves the client to another address. */
  | { readonly kind: "redirect"; readonly to: string }
  /** Says nothing until the client gives up. */
  | { readonly kind: "hang" }
  /** Announces an answer and breaks off in its middle. */
  | { readonly kind: "cut-off" };

/** A model the server lists; `shutdownDate` as the vendor would write it, `YYYY-MM-DD`. */
export interface LoopbackListing {
  readonly shutdownDate?: string;
}

export interface LoopbackModels {
  /** Where the protocol of a vendor is spoken, as its SDK wants the base URL. */
  baseUrl(vendor: LoopbackQuestion["vendor"]): string;
  readonly questions: readonly LoopbackQuestion[];
  /** Answers from now on. */
  answerWith(answer: LoopbackReply | ((question: LoopbackQuestion) => LoopbackReply)): void;
  list(models: Readonly<Record<string, LoopbackListing>>): void;
  close(): Promise<void>;
}

/** Starts the server on a free port of 127.0.0.1. */
export async function startLoopbackModels(
  answer: (question: LoopbackQuestion) => LoopbackReply = () => ({ kind: "text", text: "{}" }),
): Promise<LoopbackModels> {
  const questions: LoopbackQuestion[] = [];
  let answering = answer;
  let listed: Readonly<Record<string, LoopbackListing>> = {};
  const server = createServer((request, response) => {
    void serve(request, response).catch(() => response.destroy());
  });
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "/", "http://loopback").pathname;
    if (request.method === "GET") return sendListing(response, path, listed);
    const protocol = protocolOf(path);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (!protocol) return send(response, 404, { error: { message: "no such path" } });
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
    const question = { ...readQuestion(protocol, path, body), body, headers: request.headers };
    questions.push(question);
    reply(response, question, answering(question));
  }
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    baseUrl: (vendor) => (vendor.startsWith("openai") ? `${url}/v1` : url),
    questions,
    answerWith: (next) => {
      answering = typeof next === "function" ? next : () => next;
    },
    list: (models) => {
      listed = models;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function reply(response: ServerResponse, question: LoopbackQuestion, wanted: LoopbackReply): void {
  switch (wanted.kind) {
    case "hang":
      return;
    case "status": {
      const { status, retryAfterS } = wanted;
      if (retryAfterS !== undefined) response.setHeader("retry-after", String(retryAfterS));
      return send(response, status, { error: { type: "api_error", message: "as asked" } });
    }
    case "redirect":
      response.writeHead(307, { location: wanted.to }).end();
      return;
    case "cut-off":
      response.writeHead(200, { "content-type": "application/json", "content-length": "5000" });
      response.write('{"id": "half an ans');
      setImmediate(() => response.destroy());
      return;
    case "text": {
      const { text, model = question.model, ending = "complete" } = wanted;
      const counted = { inputTokens: question.user.length, outputTokens: text.length };
      const usage = wanted.usage === undefined ? counted : wanted.usage;
      return send(response, 200, writeReply(question.vendor, { text, model, ending, usage }));
    }
  }
}

/** `/v1/models`, `/v1/models/NAME`, `/v1beta/models/NAME`: one listing that all SDKs can read. */
function sendListing(
  response: ServerResponse,
  path: string,
  listed: Readonly<Record<string, LoopbackListing>>,
): void {
  const entry = (id: string, { shutdownDate }: LoopbackListing) => ({
    id,
    name: `models/${id}`,
    object: "model",
    type: "model",
    lifecycle: "active",
    created: 1_750_000_000,
    owned_by: "loopback",
    retires_at: shutdownDate ?? null,
    shutdown_date: shutdownDate ?? null,
    shutdownTime: shutdownDate ?? null,
  });
  const [, name] = /\/models\/(.+)$/.exec(path) ?? [];
  if (name === undefined) {
    const data = Object.entries(listed).map(([id, listing]) => entry(id, listing));
    return send(response, 200, { object: "list", data });
  }
  const found = listed[decodeURIComponent(name)];
  if (!found) return send(response, 404, { error: { message: "no such model" } });
  send(response, 200, entry(decodeURIComponent(name), found));
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
