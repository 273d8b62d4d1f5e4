import { headers as names } from "@council/contracts";
import { GatewayError } from "./problems.ts";
import { textOf } from "./read-body.ts";
import type { SenderSecrets } from "./sender-secrets.ts";

export interface Signed {
  readonly sender: string;
  readonly deliveryId: string;
  /** The body exactly as signed. */
  readonly text: string;
}

type HeaderValues = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Who sent this, by Standard Webhooks: HMAC-SHA-256 over id, time and raw body, at most five minutes
 * old. Throws GatewayError of status 401 for anything else.
 */
export function verifySignature(
  secrets: SenderSecrets,
  headers: HeaderValues,
  body: unknown,
): Signed {
  const [sender, deliveryId, timestamp, signature] = [
    names.sender,
    names.webhookId,
    names.webhookTimestamp,
    names.webhookSignature,
  ].map((name) => required(headers, name)) as [string, string, string, string];
  // A dot separates id, time and body in what is signed, so an id with one could be split in two ways.
  if (!/^[\x21-\x2d\x2f-\x7e]{1,200}$/.test(deliveryId)) {
    throw new GatewayError("signature-invalid", {
      field: names.webhookId,
      detail: "the delivery id is not 1 to 200 printable characters without space and dot",
      remedy: "use a UUID",
    });
  }
  const webhooks = secrets.get(sender);
  if (webhooks === undefined) {
    throw new GatewayError("sender-unknown", {
      field: names.sender,
      detail: "no secret is configured for this sender",
      remedy: "add it to COUNCIL_WEBHOOK_SECRETS, or correct the header",
    });
  }
  const text = textOf(body);
  const signed = {
    [names.webhookId]: deliveryId,
    [names.webhookTimestamp]: timestamp,
    [names.webhookSignature]: signature,
  };
  let reason = "";
  for (const webhook of webhooks) {
    try {
      webhook.verify(text, signed, { jsonParse: false });
      return { sender, deliveryId, text };
    } catch (error) {
      reason = error instanceof Error ? error.message : "";
    }
  }
  throw mismatch(reason);
}

function required(headers: HeaderValues, name: string): string {
  const value = headers[name];
  if (typeof value === "string" && value !== "") return value;
  throw new GatewayError("signature-missing", {
    field: name,
    detail: `the header ${name} is missing`,
    remedy: "sign the request by Standard Webhooks and name the sender in council-sender",
  });
}

function mismatch(reason: string): GatewayError {
  if (/timestamp too (old|new)/.test(reason)) {
    return new GatewayError("signature-stale", {
      field: names.webhookTimestamp,
      detail: "the signature is stale: its time is more than five minutes from now",
      remedy: "sign again with the current time; check the clock of the sender",
    });
  }
  return new GatewayError("signature-invalid", {
    field: names.webhookSignature,
    detail: "no secret of this sender gives this signature for this id, time and body",
    remedy: "sign the exact bytes that are sent, with the secret configured for this sender",
  });
}
