import type { PatchEvent } from "@council/domain";

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

/** What is stored as the switch of `controlSubject`: whether landings are paused, who said so and why. */
export interface StoredControl {
  readonly isPaused: boolean;
  readonly actor: string;
  readonly reason: string;
  readonly at: number;
}
