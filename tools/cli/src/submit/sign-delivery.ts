/** Standard Webhooks 1.0: HMAC-SHA-256 over delivery id, time and body, with the sender's secret. */
import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { headers } from "@council/contracts/names";
import { readClientSettings } from "../client-settings.ts";
import { CommandError } from "../exit-codes.ts";

export interface Sender {
  readonly name: string;
  readonly key: Buffer;
}

/** Who signs, and with what. Throws CommandError `forbidden` that never quotes a secret. */
export async function readSender(options: {
  readonly sender?: string;
  readonly secretFile?: string;
}): Promise<Sender> {
  const { sender, webhookSecrets = "" } = await readClientSettings();
  const known = webhookSecrets.split(",").flatMap((entry) => {
    const at = entry.indexOf("=");
    return at > 0 ? [{ name: entry.slice(0, at).trim(), secret: entry.slice(at + 1).trim() }] : [];
  });
  const names = [...new Set(known.map(({ name }) => name))];
  const name = options.sender ?? sender ?? (names.length === 1 ? names[0] : undefined);
  if (name === undefined)
    throw refused(
      names.length === 0
        ? "no sender is known; give --sender and --secret-file, or set COUNCIL_WEBHOOK_SECRETS"
        : `several senders have a secret (${names.join(", ")}); choose one with --sender`,
    );
  const secret =
    options.secretFile === undefined
      ? known.find((each) => each.name === name)?.secret
      : await readSecret(options.secretFile);
  if (secret === undefined)
    throw refused(
      `no secret of ${name} is known; add it to COUNCIL_WEBHOOK_SECRETS, or give --secret-file`,
    );
  return { name, key: keyOf(name, secret) };
}

/** The headers that make `body` a delivery of the sender. */
export function signedHeaders(
  { name, key }: Sender,
  body: string,
  id: string,
  now = Date.now(),
): Record<string, string> {
  const seconds = String(Math.floor(now / 1000));
  const signature = createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64");
  return {
    [headers.sender]: name,
    [headers.webhookId]: id,
    [headers.webhookTimestamp]: seconds,
    [headers.webhookSignature]: `v1,${signature}`,
  };
}

async function readSecret(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).split("\n", 1)[0]?.trim() ?? "";
  } catch (error) {
    throw refused(`the secret cannot be read: ${error instanceof Error ? error.message : ""}`);
  }
}

function keyOf(name: string, secret: string): Buffer {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  if (encoded !== undefined) return Buffer.from(encoded, "base64");
  throw refused(`the secret of ${name} is not whsec_ and base64; use it as the gateway has it`);
}

const refused = (reason: string) => new CommandError("forbidden", reason);
