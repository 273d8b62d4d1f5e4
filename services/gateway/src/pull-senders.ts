/** Who delivers pull requests, and how each proves that the body is its own. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { type ForgeKind, headers as names } from "@council/contracts";
import { verify } from "@octokit/webhooks-methods";
import { Webhook } from "standardwebhooks";
import { readMergeRequest } from "./merge-request-event.ts";
import { type ReadEvent, readPullRequest } from "./pull-request-event.ts";
import type { ProblemCode } from "./problems.ts";

type HeaderValues = Readonly<Record<string, string | string[] | undefined>>;

export interface PullSender {
  readonly kind: ForgeKind;
  readonly secret: string | undefined;
  /** The environment variable of the secret. */
  readonly setting: string;
  readonly unset: ProblemCode;
  readonly eventHeader: string;
  readonly deliveryHeader: string;
  /** The header that counts in this delivery. */
  readonly signatureHeader: (headers: HeaderValues) => string;
  readonly isSigned: (
    secret: string,
    text: string,
    given: { readonly signature: string; readonly headers: HeaderValues },
  ) => Promise<boolean>;
  readonly readEvent: (event: string | string[] | undefined, body: unknown) => ReadEvent;
}

export const githubSender = (secret: string | undefined): PullSender => ({
  kind: "github",
  secret,
  setting: "COUNCIL_GITHUB_WEBHOOK_SECRET",
  unset: "github-not-configured",
  eventHeader: names.githubEvent,
  deliveryHeader: names.githubDelivery,
  signatureHeader: () => names.githubSignature,
  isSigned: (key, text, { signature }) => verify(key, text, signature),
  readEvent: (event, body) => readPullRequest(event, body, names.githubEvent),
});

/** Where Forgejo's own signature is present, it alone counts. */
export const giteaSender = (secret: string | undefined): PullSender => ({
  kind: "gitea",
  secret,
  setting: "COUNCIL_GITEA_WEBHOOK_SECRET",
  unset: "gitea-not-configured",
  eventHeader: names.giteaEvent,
  deliveryHeader: names.giteaDelivery,
  signatureHeader: (headers) =>
    headers[names.forgejoSignature] === undefined ? names.giteaSignature : names.forgejoSignature,
  isSigned: async (key, text, { signature }) => isSame(hexOf(key, text), signature),
  readEvent: (event, body) => readPullRequest(event, body, names.giteaEvent),
});

/**
 * A secret that is a signing token (`whsec_…`) signs id, time and body by Standard Webhooks. Any other is sent along in
 * clear and proves who sent a delivery, not what: use it over TLS only.
 */
export function gitlabSender(secret: string | undefined): PullSender {
  const isSigning = secret?.startsWith("whsec_") === true;
  return {
    kind: "gitlab",
    secret,
    setting: "COUNCIL_GITLAB_WEBHOOK_SECRET",
    unset: "gitlab-not-configured",
    eventHeader: names.gitlabEvent,
    deliveryHeader: isSigning ? names.webhookId : names.gitlabDelivery,
    signatureHeader: () => (isSigning ? names.webhookSignature : names.gitlabToken),
    isSigned: async (key, text, { signature, headers }) =>
      isSigning ? isSignedByStandard(key, text, headers) : isSame(key, signature),
    readEvent: readMergeRequest,
  };
}

function isSignedByStandard(key: string, text: string, headers: HeaderValues): boolean {
  const fields = [names.webhookId, names.webhookTimestamp, names.webhookSignature].map((name) => [
    name,
    String(headers[name]),
  ]);
  try {
    const signed = Object.fromEntries(fields) as Record<string, string>;
    new Webhook(key).verify(text, signed, { jsonParse: false });
    return true;
  } catch {
    return false;
  }
}

const hexOf = (key: string, text: string) => createHmac("sha256", key).update(text).digest("hex");

/** Takes as long whatever is wrong with it. */
function isSame(expected: string, given: string): boolean {
  const [a, b] = [expected, given].map((text) => createHash("sha256").update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
