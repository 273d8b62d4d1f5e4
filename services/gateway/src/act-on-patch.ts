/**
 * What operators do. Every action is one message to the patch controller, sent past the limit that
 * holds submissions back: a rollback has to get through when Council is behind (P4).
 */
import { createHash, randomUUID } from "node:crypto";
import { actionSchema, inboxes, momentOf } from "@council/contracts";
import { redactText } from "@council/runtime";
import type { BusCall } from "./bounded-bus.ts";
import type { ActingOperator } from "./operator-token.ts";
import { GatewayError } from "./problems.ts";
import { checked, parseJson, textOf } from "./read-body.ts";

export interface Acting {
  readonly call: BusCall;
  readonly clock: () => number;
}

export type PatchAction = "approve" | "deny" | "withdraw" | "bypass";

export interface Said {
  readonly actor: string;
  readonly reason: string;
}

/** Taking back and stopping are open to whoever may decide at all (P4). */
export const mayStop = ["operator", "approver"] as const;

/**
 * Reads `{reason}` and who says so: the owner of the token, whatever the body claims. Only behind a shared
 * token the body's `actor` is believed. Throws GatewayError `body-invalid`.
 */
export function readSaid(body: unknown, operator: ActingOperator): Said {
  const { actor, reason } = checked(actionSchema, parseJson(textOf(body)));
  return saidBy(operator, actor, reason);
}

/** It goes into the ledger for good, and onto the page: no secret stays in it. */
export function saidBy(
  { name, isShared }: ActingOperator,
  claimed: string | undefined,
  reason: string,
): Said {
  const actor = isShared === true ? (claimed ?? name) : name;
  return { actor: redactText(actor).slice(0, 200), reason: redactText(reason).slice(0, 2000) };
}

/** Reads the header `Idempotency-Key`; undefined when there is none. */
export function readIdempotencyKey(value: string | string[] | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string" && /^[\x21-\x7e]{1,200}$/.test(value)) return value;
  throw new GatewayError("bad-request", {
    field: "idempotency-key",
    detail: "is not 1 to 200 printable characters without space",
    remedy: "use a UUID",
  });
}

/** What an operator asks of a subject; `body` is the message, and says its own type. */
export interface Act<Body extends { readonly type: string }> {
  readonly partition: number;
  readonly subject: string;
  readonly body: Body;
  readonly key?: string | undefined;
}

/** P1: one key is one action; the same key with another action is refused. */
export async function sendOnce<Body extends { readonly type: string }>(
  deps: Acting,
  act: Act<Body>,
): Promise<{ id: string }> {
  const { partition, subject, body, key = randomUUID() } = act;
  const { type } = body;
  const digest = createHash("sha256")
    .update(JSON.stringify([key, subject, body]))
    .digest("hex");
  const id = `op-${digest.slice(0, 32)}`;
  const at = deps.clock();
  const message = { v: 1 as const, id, type, subject, correlationId: subject, at, body };
  const storedKey = `action:${key}`;
  return deps.call(async (bus) => {
    const sent = await bus.send(partition, message, inboxes.patchController, storedKey);
    if (sent.kind === "duplicate" && (await bus.readKey(partition, storedKey)) !== id) {
      throw new GatewayError("action-conflict", {
        field: "idempotency-key",
        detail: "this key was used for another action",
        remedy: "use a new key for each action",
      });
    }
    return { id };
  });
}

/** The time in milliseconds. Throws GatewayError `body-invalid` unless it is to come, and within `longestMs`. */
export function timeTo(written: number | string, now: number, longestMs: number): number {
  const until = momentOf(written);
  if (until > now && until <= now + longestMs) return until;
  throw new GatewayError("body-invalid", {
    field: "until",
    detail: `is not within the next ${Math.round(longestMs / 3_600_000)} hours`,
    remedy: "name a time to come, as 2026-01-31T12:00:00Z",
  });
}
