/**
 * `POST /webhooks/github`, `/webhooks/gitea` and `/webhooks/gitlab`: a proposed change becomes a patch. None of them
 * signs the event header: the body must be of the shape the event names, and a body counts once whatever
 * id it comes under. A delivery only says where to look: what is proposed is
 * fetched from the repository's own remote, and the diff is made here.
 */
import { changeName, type ForgeKind, partitionOfPatch, proposalRef } from "@council/contracts";
import { type Forge, ForgeError, type Forges } from "@council/forge";
import {
  diffText,
  fetchPull,
  GitError,
  isBranchName,
  type Mirror,
  type Mirrors,
} from "@council/git";
import { sendOnce } from "./act-on-patch.ts";
import type { BusCall } from "./bounded-bus.ts";
import type { Guarded, GuardedRepositories } from "./guarded-repositories.ts";
import { deliveryConflict } from "./ingest-refusals.ts";
import type { PullSender } from "./pull-senders.ts";
import type { PullRequestEvent } from "./pull-request-event.ts";
import { GatewayError } from "./problems.ts";
import { parseJson, textOf } from "./read-body.ts";
import { newestRevision } from "./patch-names.ts";
import { bodyKey, deliveryKey, sha256, type Taken, takePatch } from "./take-patch.ts";

export interface TakingPulls {
  readonly call: BusCall;
  readonly repositories: GuardedRepositories;
  readonly mirrors: Mirrors;
  readonly forges: Forges;
  readonly clock: () => number;
}

export type PullOutcome =
  | { readonly kind: "taken"; readonly taken: Taken }
  /** The patch is taken back, if nothing of it has landed. */
  | { readonly kind: "closed"; readonly id: string }
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
  const event = from.readEvent(headers[from.eventHeader], parseJson(text));
  if (event.kind === "other") return { kind: "ignored", reason: event.reason };
  const guarded = deps.repositories.byProject(sender, event.repository);
  if (guarded === undefined) {
    return { kind: "ignored", reason: "the repository is not under guard" };
  }
  const bodyDigest = sha256(text);
  if (event.kind === "closed") {
    const name = changeName(event.repository, event.number);
    return await withdrawClosed(deps, guarded, { name, key: `closed:${sender}:${bodyDigest}` });
  }
  const known = await knownDelivery(deps.call, guarded, { sender, deliveryId, bodyDigest });
  if (known) return { kind: "taken", taken: { id: known, duplicate: true } };
  const taken = await takeProposal(deps, guarded, event, { sender, deliveryId, bodyDigest });
  if (taken === undefined) return { kind: "ignored", reason: "the pull request changes nothing" };
  return { kind: "taken", taken };
}

/** What its author has closed does not land. Once for each key, so that a replay takes back nothing newer (P1). */
export async function withdrawClosed(
  deps: TakingPulls,
  { config }: Guarded,
  { name, key }: { readonly name: string; readonly key: string },
): Promise<PullOutcome> {
  const id = await deps.call((bus) => newestRevision(bus, config.id, name));
  if (id === undefined)
    return { kind: "ignored", reason: "no patch of this pull request is known" };
  const place = { id, partition: partitionOfPatch(id) ?? 0 };
  const said = { actor: config.forge?.kind ?? "github", reason: "its pull request was closed" };
  const body = { type: "withdraw", ...said };
  await sendOnce(deps, { partition: place.partition, subject: place.id, body, key });
  return { kind: "closed", id };
}

/** Under which name something was delivered, or found. */
export interface Delivery {
  readonly sender: ForgeKind;
  readonly deliveryId: string;
  readonly bodyDigest: string;
}

/** Takes in what is proposed as it stands at the remote; undefined when it changes nothing. */
export async function takeProposal(
  deps: TakingPulls,
  guarded: Guarded,
  event: PullRequestEvent,
  delivery: Delivery,
): Promise<Taken | undefined> {
  const mirror = await deps.mirrors(guarded.config.id);
  const pull = await fetchProposal(mirror, event, proposalRef(delivery.sender, event.number));
  const diff = await proposedDiff(mirror, pull);
  if (diff === "") return undefined;
  const content = `pull:${event.repository.toLowerCase()}#${event.number}:${pull.base}:${pull.head}`;
  return await takePatch(deps, {
    ...delivery,
    diff,
    // Two events about the same commits are one patch; reopening asks for a new look.
    ...(event.isAskingAnew ? {} : { sameAs: [content] }),
    patch: {
      repository: guarded.config.id,
      targetBranch: event.baseBranch,
      base: pull.base,
      title: event.title,
      author: event.author ?? (await authorAt(deps.forges(guarded.config.id), event.number)),
      externalId: changeName(event.repository, event.number),
      head: pull.head,
      policy: guarded.policy,
    },
  });
}

/** Throws GatewayError `remote-unavailable` rather than blaming nobody for a change. */
async function authorAt(forge: Forge | undefined, number: number): Promise<string> {
  if (forge === undefined) return "unknown";
  try {
    return (await forge.readChange(number)).author;
  } catch (error) {
    if (!(error instanceof ForgeError)) throw error;
    throw remoteUnavailable("the forge did not say who proposed the change");
  }
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
  if (await isSigned(secret, text, { signature, headers })) return text;
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

async function fetchProposal(
  mirror: Mirror,
  { baseBranch: branch }: PullRequestEvent,
  ref: string,
): Promise<Proposal> {
  if (!isBranchName(branch)) throw unusable("pull_request.base.ref", "is no branch name");
  const fetched = await fetchPull(mirror, { ref, branch });
  switch (fetched.kind) {
    case "fetched":
      return fetched;
    case "absent":
      throw unusable("number", `${fetched.ref} is not in the repository's remote`);
    case "unrelated":
      throw unusable("pull_request.head", "shares no history with its base");
    case "unreachable":
      throw remoteUnavailable("the repository's remote did not answer");
  }
}

const remoteUnavailable = (detail: string) =>
  new GatewayError("remote-unavailable", {
    detail,
    remedy: "redeliver from the webhook's settings in a minute",
    retryAfterS: 60,
  });

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
