import { headers } from "@council/contracts";
import type { Webhook } from "standardwebhooks";

/**
 * What makes a body believable to its receiver: Standard Webhooks over exactly these bytes. `id` names the
 * delivery for ever. Ids of Council have dots, and what is signed separates its parts by dots.
 */
export function signedHeaders(webhook: Webhook, id: string, body: string): Record<string, string> {
  const at = new Date();
  const name = id.replaceAll(".", "-");
  return {
    "content-type": "application/json",
    [headers.webhookId]: name,
    [headers.webhookTimestamp]: String(Math.floor(at.getTime() / 1000)),
    [headers.webhookSignature]: webhook.sign(name, at, body),
  };
}
