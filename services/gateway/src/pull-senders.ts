/** Who delivers pull requests, and how each proves that the body is its own. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { headers as names } from "@council/contracts";
import { verify } from "@octokit/webhooks-methods";
import type { ForgeKind } from "./guarded-repositories.ts";
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
  readonly isSigned: (secret: string, text: string, signature: string) => Promise<boolean>;
}

export const githubSender = (secret: string | undefined): PullSender => ({
  kind: "github",
  secret,
  setting: "COUNCIL_GITHUB_WEBHOOK_SECRET",
  unset: "github-not-configured",
  eventHeader: names.githubEvent,
  deliveryHeader: names.githubDelivery,
  signatureHeader: () => names.githubSignature,
  isSigned: verify,
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
  isSigned: async (key, text, signature) => {
    const [expected, given] = [hexOf(key, text), Buffer.from(signature)];
    return given.length === expected.length && timingSafeEqual(given, expected);
  },
});

const hexOf = (key: string, text: string) =>
  Buffer.from(createHmac("sha256", key).update(text).digest("hex"));
