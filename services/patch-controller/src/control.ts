/** What people have said for all of Council, and the record of each repository: read, and written. */
import type { Bus, Delivery, Outcome } from "@council/bus";
import {
  controlCommandSchema,
  controlPartition,
  controlSubject,
  type GovernanceEntry,
  type IncomingControl,
  readAssignment,
  readControl,
  recordCommandSchema,
  recordSubject,
  type StoredRecord,
} from "@council/contracts";
import {
  type ControlCommand,
  decideControl,
  decideRecord,
  emptyControl,
  emptyRecord,
  type Governance,
  landingStop,
  type Patch,
  type RecordCommand,
  type Stop,
} from "@council/domain";
import { chainEvents, emptyChain } from "./ledger-entries.ts";

type Known = Pick<Patch, "id" | "repository" | "author"> & { readonly sender?: string };

/** All of it that concerns a repository, at this moment. */
export async function readGovernance(
  bus: Bus,
  repository: string,
): Promise<Omit<Governance, "isFreezeExempt">> {
  const [said, kept] = await Promise.all([
    bus.readState(controlPartition, controlSubject),
    bus.readState(bus.partitionOf(repository), recordSubject(repository)),
  ]);
  const { stops, delegations, waivers } = readControl(said?.value)?.state ?? emptyControl;
  const record = kept ? (JSON.parse(kept.value) as StoredRecord).state : emptyRecord;
  return {
    stops: [...stops, ...record.stops],
    delegations,
    waivers,
    record,
  };
}

/** The stop that keeps a patch from landing at this moment. Rollbacks never ask (P4). */
export async function readLandingStop(
  bus: Bus,
  patch: Known,
  now: number,
): Promise<Stop | undefined> {
  const { stops } = await readGovernance(bus, patch.repository);
  return landingStop(stops, { sender: patch.author, ...patch }, now);
}

/** Told why somebody's word had no effect; the asker has had an answer already. */
export type OnRefused = (subject: string, command: string, reason: string) => void;

/** A word for all of Council. The commit makes state and ledger change together (P5). */
export async function handleControl(
  { bus, onRefused }: { readonly bus: Bus; readonly onRefused: OnRefused },
  { message, partition }: Delivery,
  now: number,
): Promise<Outcome> {
  const incoming = controlCommandSchema.parse(message.body) as IncomingControl;
  // Said anywhere else it would be kept and never read: landings would seem paused, and go on.
  if (partition !== controlPartition)
    throw new Error(`the control subject lives in partition ${controlPartition}`);
  const read = await bus.readState(partition, controlSubject);
  const stored = readControl(read?.value);
  const decision = decideControl(stored?.state ?? emptyControl, commandOf(incoming), now);
  if (decision.kind === "refused") {
    onRefused(controlSubject, incoming.type, decision.reason);
    return {};
  }
  return written({ message, version: read?.version ?? 0, stored, at: now }, decision);
}

function commandOf(incoming: IncomingControl): ControlCommand {
  const scope = { kind: "global" } as const;
  if (incoming.type === "pause") return { ...incoming, type: "stop", scope };
  return incoming.type === "resume" ? { ...incoming, type: "lift", scope } : incoming;
}

/** A word about a repository's record, from one of its patches or from an operator. */
export async function handleRecord(
  { bus, onRefused }: { readonly bus: Bus; readonly onRefused: OnRefused },
  { message, partition }: Delivery,
  now: number,
): Promise<Outcome> {
  const assigned = readAssignment(message.body, ["note-landing", "note-revert"]);
  const command: RecordCommand = recordCommandSchema.parse(assigned?.effect ?? message.body);
  const read = await bus.readState(partition, message.subject);
  const stored = read ? (JSON.parse(read.value) as StoredRecord) : undefined;
  const decision = decideRecord(stored?.state ?? emptyRecord, command, now);
  if (decision.kind === "refused") {
    onRefused(message.subject, command.type, decision.reason);
    return {};
  }
  return written({ message, version: read?.version ?? 0, stored, at: now }, decision);
}

function written(
  from: {
    readonly message: Delivery["message"];
    readonly version: number;
    readonly stored: { readonly sequence: number; readonly chainHead: string } | undefined;
    readonly at: number;
  },
  {
    events,
    state,
  }: { readonly events: readonly GovernanceEntry["event"][]; readonly state: object },
): Outcome {
  const { message, version, at } = from;
  const { subject, id: cause, type: command } = message;
  // Before its first entry an older state has no chain.
  const start = from.stored && from.stored.sequence > 0 ? from.stored : emptyChain;
  const { entries, end } = chainEvents(start, events, { patchId: subject, at, cause, command });
  return {
    state: { subject, expectedVersion: version, value: JSON.stringify({ state, ...end }) },
    ledger: entries.map((entry) => JSON.stringify(entry)),
  };
}
