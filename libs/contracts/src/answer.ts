import { idAfter } from "./message-id.ts";
import { inboxes } from "./names.ts";
import type { IncomingCommand } from "./patch-command.ts";

interface Cause {
  readonly id: string;
  readonly subject: string;
  readonly correlationId: string;
  readonly at: number;
}

/**
 * What a worker answers to an assignment: one command to the patch it is about. The id follows from
 * the assignment's, so that an answer given twice is the same answer (P1).
 */
export function answer(cause: Cause, body: IncomingCommand) {
  const { id, subject, correlationId, at } = cause;
  const message = {
    v: 1 as const,
    id: idAfter(id, "r"),
    type: body.type,
    subject,
    correlationId,
    causationId: id,
    at,
    body,
  };
  return { messages: [{ inbox: inboxes.patchController, message }] };
}
