/**
 * What operators do. Every action is one message to the patch controller, sent past the limit that
 * holds submissions back: a rollback has to get through when Council is behind (P4).
 */
import { createHash, randomUUID } from "node:crypto";
import { actionSchema, controlSubject, inboxes } from "@council/contracts";
import { redactText } from "@council/runtime";
import type { BusCall } from "./bounded-bus.ts";
import type { PatchPlace } from "./patch-names.ts";
import { GatewayError } from "./problems.ts";
import { checked, parseJson, textOf } from "./read-body.ts";

/** The partition that holds what concerns all of Council. */
export const controlPartition = 0;

export interface Acting {
  readonly call: BusCall;
  readonly clock: () => number;
}

export type PatchAction = "request-rollback" | "approve" | "withdraw";
export type ControlAction = "pause" | "resume";

export interface Said {
  readonly actor: string;
  readonly reason: string;
}

/** Reads `{actor, reason}`. Throws GatewayError `body-invalid`. */
export function readSaid(body: unknown): Said {
  const { actor, reason } = checked(actionSchema, parseJson(textOf(body)));
  // It goes into the ledger for good, and onto the page.
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

export function actOnPatch(
  deps: Acting,
  place: PatchPlace,
  action: { readonly type: PatchAction; readonly said: Said; readonly key?: string | undefined },
): Promise<{ id: string }> {
  return sendOnce(deps, { ...action, partition: place.partition, subject: place.id });
}

export function actOnAll(
  deps: Acting,
  action: { readonly type: ControlAction; readonly said: Said; readonly key?: string | undefined },
): Promise<{ id: string }> {
  return sendOnce(deps, { ...action, partition: controlPartition, subject: controlSubject });
}

/** P1: one key is one action; the same key with another action is refused. */
async function sendOnce(
  deps: Acting,
  action: {
    readonly type: PatchAction | ControlAction;
    readonly said: Said;
    readonly key?: string | undefined;
    readonly partition: number;
    readonly subject: string;
  },
): Promise<{ id: string }> {
  const { type, said, partition, subject, key = randomUUID() } = action;
  const body = { type, ...said };
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
