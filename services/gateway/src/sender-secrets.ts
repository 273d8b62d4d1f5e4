import { registerSecret, RuntimeError } from "@council/runtime";
import { Webhook } from "standardwebhooks";

/** The keys of each sender; several while one is being changed. */
export type SenderSecrets = ReadonlyMap<string, readonly Webhook[]>;

/** Fewer bytes can be guessed; more than 64 add nothing to HMAC-SHA-256 (Standard Webhooks 1.0). */
const keyBytes = { least: 24, most: 64 };

/**
 * Reads `sender=whsec_<base64>,…`. Throws RuntimeError `configuration-refused` that names the sender
 * at fault, never the secret.
 */
export function readSenderSecrets(text: string | undefined): SenderSecrets {
  const senders = new Map<string, Webhook[]>();
  const entries = (text ?? "").split(",").map((entry) => entry.trim());
  for (const entry of entries.filter((each) => each !== "")) {
    const at = entry.indexOf("=");
    const sender = entry.slice(0, Math.max(at, 0));
    if (!/^[\w.-]{1,100}$/.test(sender)) {
      throw refused("an entry has no sender before its `=`; write sender=whsec_<base64>");
    }
    const secret = entry.slice(at + 1);
    const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
    const length = encoded === undefined ? 0 : Buffer.from(encoded, "base64").length;
    if (length < keyBytes.least || length > keyBytes.most) {
      throw refused(
        `the secret of ${sender} is not whsec_ and the base64 of ${keyBytes.least} to ${keyBytes.most} bytes`,
      );
    }
    registerSecret(secret);
    registerSecret(encoded ?? "");
    senders.set(sender, [...(senders.get(sender) ?? []), webhookOf(sender, secret)]);
  }
  return senders;
}

function webhookOf(sender: string, secret: string): Webhook {
  try {
    return new Webhook(secret);
  } catch {
    throw refused(`the secret of ${sender} is not base64`);
  }
}

function refused(reason: string): RuntimeError {
  return new RuntimeError("configuration-refused", `COUNCIL_WEBHOOK_SECRETS: ${reason}`);
}
