/** The far side of the gateway: signs like a sender, acts like an operator. */
import { randomUUID } from "node:crypto";
import type { Submission } from "@council/contracts";
import { headers, routes } from "@council/contracts";
import { Webhook } from "standardwebhooks";

export interface GatewayAccess {
  readonly url: string;
  readonly sender: string;
  /** `whsec_…` */
  readonly webhookSecret: string;
  readonly operatorToken: string;
}

export interface GatewayReply {
  readonly status: number;
  /** Parsed JSON, or the text when it is none. */
  readonly body: unknown;
}

export type OperatorAction = "approve" | "rollback" | "withdraw" | "bypass";

export interface GatewayClient {
  /** A repeated `webhookId` is the same delivery. */
  readonly submit: (submission: Submission, webhookId?: string) => Promise<GatewayReply>;
  /** Lines of `sampleLineSchema`. */
  readonly sendSamples: (lines: readonly object[], webhookId?: string) => Promise<GatewayReply>;
  /** Signs any body for any route. */
  readonly deliver: (
    path: string,
    body: string,
    options?: { readonly webhookId?: string; readonly contentType?: string },
  ) => Promise<GatewayReply>;
  readonly patch: (patchId: string) => Promise<GatewayReply>;
  readonly patches: () => Promise<GatewayReply>;
  /** What a path of the API answers to an operator. */
  readonly read: (path: string) => Promise<GatewayReply>;
  readonly act: (
    patchId: string,
    action: OperatorAction,
    /** `until`: the end of a bypass, milliseconds since the epoch. */
    by: { readonly actor: string; readonly reason: string; readonly until?: number },
  ) => Promise<GatewayReply>;
  readonly pause: (by: { actor: string; reason: string }) => Promise<GatewayReply>;
  readonly resume: (by: { actor: string; reason: string }) => Promise<GatewayReply>;
}

const timeoutMs = 10_000;

/** Every call rejects only when no answer came; a refusal is a reply with its status. */
export function gatewayClient(access: GatewayAccess): GatewayClient {
  const webhook = new Webhook(access.webhookSecret);
  const call = async (path: string, init: RequestInit): Promise<GatewayReply> => {
    const response = await fetch(new URL(path, access.url), {
      ...init,
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, body: parsed(await response.text()) };
  };
  const deliver: GatewayClient["deliver"] = (path, body, options = {}) => {
    const id = options.webhookId ?? randomUUID();
    const now = new Date();
    return call(path, {
      method: "POST",
      body,
      headers: {
        "content-type": options.contentType ?? "application/json",
        [headers.sender]: access.sender,
        [headers.webhookId]: id,
        [headers.webhookTimestamp]: String(Math.floor(now.getTime() / 1000)),
        [headers.webhookSignature]: webhook.sign(id, now, body),
      },
    });
  };
  const authorization = `Bearer ${access.operatorToken}`;
  const get = (path: string) => call(path, { headers: { authorization } });
  const post = (path: string, body: object) =>
    call(path, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { authorization, "content-type": "application/json" },
    });
  const named = (patchId: string) => routes.patch.replace(":id", encodeURIComponent(patchId));
  return {
    deliver,
    submit: (submission, webhookId) =>
      deliver(routes.patches, JSON.stringify(submission), webhookId ? { webhookId } : {}),
    sendSamples: (lines, webhookId) =>
      deliver(routes.samples, lines.map((line) => `${JSON.stringify(line)}\n`).join(""), {
        contentType: "application/x-ndjson",
        ...(webhookId ? { webhookId } : {}),
      }),
    patch: (patchId) => get(named(patchId)),
    patches: () => get(routes.patches),
    read: get,
    act: (patchId, action, by) => post(`${named(patchId)}/${action}`, by),
    pause: (by) => post(routes.pause, by),
    resume: (by) => post(routes.resume, by),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
