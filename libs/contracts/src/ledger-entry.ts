import {
  type Control,
  type ControlEvent,
  emptyControl,
  type PatchEvent,
  type RecordEvent,
  type RepositoryRecord,
  type Stop,
} from "@council/domain";

/**
 * One entry of the ledger. `prev` is the digest of the patch's entry before it, `digest` covers this
 * one; the commit's compare-and-set on the patch keeps the chain unbroken.
 */
export interface LedgerEntry<Event = PatchEvent> {
  readonly v: 1;
  readonly patchId: string;
  /** Position in the patch's own history, from 1. */
  readonly sequence: number;
  readonly at: number;
  /** The message that led to it. */
  readonly cause: string;
  readonly command: string;
  readonly correlationId: string;
  readonly event: Event;
  readonly prev: string;
  readonly digest: string;
}

/** What is stored as a patch's state: the state, and where its chain of entries ends. */
export interface StoredPatch {
  readonly state: import("@council/domain").PatchState;
  readonly sequence: number;
  readonly chainHead: string;
}

/** An entry that is about no patch: what people said for all, or a repository's record. */
export type GovernanceEntry = Omit<LedgerEntry, "patchId" | "event"> & {
  /** The subject it is about. */
  readonly patchId: string;
  readonly event: ControlEvent | RecordEvent;
};

/** A state with the end of its own chain of entries. */
interface Chained {
  readonly sequence: number;
  readonly chainHead: string;
}
/** What is stored under `controlSubject`. */
export type StoredControl = Chained & { readonly state: Control };
/** What is stored under `recordSubject`. */
export type StoredRecord = Chained & { readonly state: RepositoryRecord };

/** The control as it is stored; an older Council kept the pause alone. */
export function readControl(value: string | undefined): StoredControl | undefined {
  if (value === undefined) return undefined;
  const stored = JSON.parse(value) as StoredControl | OldControl;
  // What was stored before there were waivers has none.
  if (!("isPaused" in stored)) return { ...stored, state: { ...emptyControl, ...stored.state } };
  const { isPaused, actor = "", reason = "", at: since = 0 } = stored;
  const stop: Stop = { scope: { kind: "global" }, actor, reason, since };
  return { state: { ...emptyControl, stops: isPaused ? [stop] : [] }, sequence: 0, chainHead: "" };
}

interface OldControl {
  readonly isPaused: boolean;
  readonly actor?: string;
  readonly reason?: string;
  readonly at?: number;
}
