/**
 * `POST /webhooks/github` and `/webhooks/gitea`: a pull request becomes a patch. Both sign the body only, so the event
 * header and the delivery id prove nothing: the body must be of the shape the event names, and a body
 * counts once whatever id it comes under. A delivery only says where to look: what is proposed is
 * fetched from the repository's own remote, and the diff is made here.
 */
import { changeName } from "@council/contracts";
import {
  diffText,
  fetchPull,
  GitError,
  isBranchName,
  type Mirror,
  type Mirrors,
} from "@council/git";
import type { BusCall } from "./bounded-bus.ts";
import type { Guarded, GuardedRepositories } from "./guarded-repositories.ts";
import { deliveryConflict } from "./ingest-refusals.ts";
import type { PullSender } from "./pull-senders.ts";
import { type PullRequestEvent, readPullRequest } from "./pull-request-event.ts";
import { GatewayError } from "./problems.ts";
import { parseJson, textOf } from "./read-body.ts";
import { bodyKey, deliveryKey, sha256, type Taken, takePatch } from "./take-patch.ts";

export interface TakingPulls {
  readonly call: BusCall;
  readonly repositories: GuardedRepositories;
  readonly mirrors: Mirrors;
  readonly clock: () => number;
}

export type PullOutcome =
  | { readonly kind: "taken"; readonly taken: Taken }
  | { readonly kind: "ignored"; readonly reason: string };

type HeaderValues = Readonly<Record<string, string | string[] | undefined>>;

const mostDiffBytes = 1_000_000;

export async function takePull(
  deps: TakingPulls,
  from: PullSender,
  { headers, body }: { readonly headers: HeaderValues; readonly body: unknown },
): Promise<PullOutcome> {
  const sender = from.kind;
  const text = await verifiedText(from, headers, body);
  const deliveryId = guidOf(from.deliveryHeader, headers[from.deliveryHeader]);
  const event = readPullRequest(headers[from.eventHeader], parseJson(text), from.eventHeader);
  if (event.kind === "other") return { kind: "ignored", reason: event.reason };
  const guarded = deps.repositories.byProject(sender, event.repository);
  if (guarded === undefined) {
    return { kind: "ignored", reason: "the repository is not under guard" };
  }
  const bodyDigest = sha256(text);
  const known = await knownDelivery(deps.call, guarded, { sender, deliveryId, bodyDigest });
  if (known) return { kind: "taken", taken: { id: known, duplicate: true } };
  const mirror = await deps.mirrors(guarded.config.id);
  const pull = await fetchProposal(mirror, event);
  const diff = await proposedDiff(mirror, pull);
  if (diff === "") return { kind: "ignored", reason: "the pull request changes nothing" };
  const content = `pull:${event.repository.toLowerCase()}#${event.number}:${pull.base}:${pull.head}`;
  const taken = await takePatch(deps, {
    sender,
    deliveryId,
    bodyDigest,
    diff,
    // Two events about the same commits are one patch; reopening asks for a new look.
    ...(event.action === "reopened" ? {} : { sameAs: [content] }),
    patch: {
      repository: guarded.config.id,
      targetBranch: event.baseBranch,
      base: pull.base,
      title: event.title,
      author: event.author,
      externalId: changeName(event.repository, event.number),
      head: pull.head,
      policy: guarded.policy,
    },
  });
  return { kind: "taken", taken };
}

async function verifiedText(
  { secret, setting, unset, signatureHeader, isSigned }: PullSender,
  headers: HeaderValues,
  body: unknown,
): Promise<string> {
  if (secret === undefined) {
    const detail = "no secret for these deliveries is set";
    throw new GatewayError(unset, { detail, remedy: `set ${setting}` });
  }
  const field = signatureHeader(headers);
  const signature = headers[field];
  if (typeof signature !== "string" || signature === "") {
    throw new GatewayError("signature-missing", {
      field,
      detail: `the header ${field} is missing`,
      remedy: "set the same secret in the webhook's settings",
    });
  }
  const text = textOf(body);
  if (await isSigned(secret, text, signature)) return text;
  throw new GatewayError("signature-invalid", {
    field,
    detail: "the secret does not give this signature for this body",
    remedy: `set the same secret in the webhook's settings and in ${setting}`,
  });
}

function guidOf(field: string, value: string | string[] | undefined): string {
  if (typeof value === "string" && /^[\w-]{1,100}$/.test(value)) return value;
  throw new GatewayError("bad-request", {
    field,
    detail: "the delivery id is missing or malformed",
    remedy: `send ${field} as the forge does`,
  });
}

/** The patch of a delivery that came before, so that nothing is fetched for it again. */
async function knownDelivery(
  call: BusCall,
  { config }: Guarded,
  { sender, deliveryId, bodyDigest }: { sender: string; deliveryId: string; bodyDigest: string },
): Promise<string | undefined> {
  const [delivery, body] = await call((bus) => {
    const partition = bus.partitionOf(config.id);
    const keys = [deliveryKey(sender, deliveryId), bodyKey(sender, bodyDigest)];
    return Promise.all(keys.map((key) => bus.readKey(partition, key)));
  });
  if (delivery !== undefined && body === undefined) throw deliveryConflict(sender, deliveryId);
  return body;
}

interface Proposal {
  readonly head: string;
  readonly base: string;
}

async function fetchProposal(mirror: Mirror, event: PullRequestEvent): Promise<Proposal> {
  const { baseBranch: branch, number } = event;
  if (!isBranchName(branch)) throw unusable("pull_request.base.ref", "is no branch name");
  const fetched = await fetchPull(mirror, { number, branch });
  switch (fetched.kind) {
    case "fetched":
      return fetched;
    case "absent":
      throw unusable("number", `${fetched.ref} is not in the repository's remote`);
    case "unrelated":
      throw unusable("pull_request.head", "shares no history with its base");
    case "unreachable":
      throw new GatewayError("remote-unavailable", {
        detail: "the repository's remote did not answer",
        remedy: "redeliver from the webhook's settings in a minute",
        retryAfterS: 60,
      });
  }
}

async function proposedDiff(mirror: Mirror, { base, head }: Proposal): Promise<string> {
  try {
    return await diffText(mirror, base, head, mostDiffBytes);
  } catch (error) {
    if (!(error instanceof GitError) || error.code !== "output-too-large") throw error;
    throw unusable("pull_request", `changes more than ${mostDiffBytes} bytes of diff`);
  }
}

function unusable(field: string, reason: string): GatewayError {
  return new GatewayError("pull-request-unusable", {
    field,
    detail: `${field} ${reason}`,
    remedy: "correct the pull request; its next event is taken in",
  });
}
