import type { Delegation } from "./delegation.ts";
import { emptyRecord, type RepositoryRecord } from "./repository-record.ts";
import type { Stop } from "./stop.ts";
import type { Waiver } from "./waiver.ts";

/** What people and the repository's own record say at the moment of a decision. */
export interface Governance {
  /** Set by people, and by the record itself. */
  readonly stops: readonly Stop[];
  readonly delegations: readonly Delegation[];
  readonly waivers: readonly Waiver[];
  readonly record: RepositoryRecord;
  /** Somebody who may has labelled the change at its forge. */
  readonly isFreezeExempt: boolean;
}

/** Nobody has said anything, and nothing has happened yet. */
export const ungoverned: Governance = {
  stops: [],
  delegations: [],
  waivers: [],
  record: emptyRecord,
  isFreezeExempt: false,
};
