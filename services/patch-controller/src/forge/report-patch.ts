/**
 * Tells the forge where a patch stands. Not an effect of the decision but a look at its result: the
 * message only says that something happened, and what is reported is the state at that moment. So
 * messages that come late, twice or out of order report nothing old.
 *
 * P4: reports have an inbox and a consumer of their own; a forge that fails delays no landing's revert.
 */
import type { Addressed, Bus, Delivery, Outcome } from "@council/bus";
import { changeNumber, idAfter, inboxes, type StoredPatch } from "@council/contracts";
import type { Patch, PatchEvent } from "@council/domain";
import { ForgeError, type Forges } from "@council/forge";
import { patchReport } from "./patch-report.ts";

export interface Reporting {
  readonly bus: Bus;
  readonly forges: Forges;
  /** Told when the forge will never take it: the change is gone, or the report is refused. */
  readonly onRefused: (patchId: string, error: ForgeError) => void;
}

/** Changes under our hands are followed this often before the next message takes over. */
const mostRounds = 5;

/** The change a patch was proposed as, when its repository has a forge that knows it. */
export function changeOf(forges: Forges, patch: Pick<Patch, "repository" | "externalId" | "head">) {
  const forge = forges(patch.repository);
  const number = forge && changeNumber(forge.project, patch.externalId);
  return forge && number && patch.head ? { forge, number, head: patch.head } : undefined;
}

/** What goes out with a decision about a patch a forge is told of; its id follows from the cause (P1). */
export function reportMessages(
  isReported: ((patch: Patch) => boolean) | undefined,
  patch: Patch,
  cause: {
    readonly id: string;
    readonly at: number;
    readonly decision: { readonly events: readonly PatchEvent[] };
  },
): Addressed[] {
  if (cause.decision.events.length === 0 || isReported?.(patch) !== true) return [];
  const message = {
    v: 1 as const,
    id: idAfter(cause.id, "report"),
    type: "report",
    subject: patch.id,
    correlationId: patch.id,
    causationId: cause.id,
    at: cause.at,
    body: {},
  };
  return [{ inbox: inboxes.forge, message }];
}

/** Rejects with ForgeError while the forge cannot be reached; the consumer tries again. */
export async function reportPatch(
  { bus, forges, onRefused }: Reporting,
  { message, partition }: Delivery,
): Promise<Outcome> {
  let reported = -1;
  for (let round = 0; round < mostRounds; round += 1) {
    const read = await bus.readState(partition, message.subject);
    // Read again after the report: another process may have said something newer in between.
    if (!read || read.version === reported) break;
    const { state } = JSON.parse(read.value) as StoredPatch;
    const change = changeOf(forges, state.patch);
    const report = patchReport(state);
    if (!change || !report) break;
    try {
      await change.forge.report(change.number, report);
    } catch (error) {
      if (!(error instanceof ForgeError) || !error.isFinal) throw error;
      onRefused(message.subject, error);
      break;
    }
    reported = read.version;
  }
  return {};
}
