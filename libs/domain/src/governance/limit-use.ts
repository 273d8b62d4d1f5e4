/** How much of its quota each author of a repository has used, for people to see before it is reached. */
import { dayMs, type LimitReached, type Limits, limitReached } from "./limits.ts";
import type { RepositoryRecord } from "./repository-record.ts";

export interface LimitUse {
  readonly author: string;
  /** Within 24 hours, without those that passed as emergencies. */
  readonly landings: number;
  readonly emergencies: number;
  /** Within the window of the quarantine. */
  readonly reverts: number;
  /** Why the next patch of this author waits now, and until when. */
  readonly waits?: LimitReached;
}

/** Everybody the record still counts something of, in the order of their names. Total and pure. */
export function limitUse(record: RepositoryRecord, limits: Limits, now: number): LimitUse[] {
  const landings = record.landings.filter(({ at }) => at > now - dayMs);
  const reverts = record.reverts.filter(({ at }) => at > now - limits.quarantineWindowMs);
  const authors = new Set([...landings, ...reverts].map(({ author }) => author));
  return [...authors].toSorted().map((author) => {
    const own = landings.filter((note) => note.author === author);
    const emergencies = own.filter(({ isEmergency }) => isEmergency === true).length;
    const next = { id: "", author, sender: author, policy: { limits } };
    const waits = limitReached(next, record, now);
    return {
      author,
      landings: own.length - emergencies,
      emergencies,
      reverts: reverts.filter((note) => note.author === author).length,
      ...(waits ? { waits } : {}),
    };
  });
}
