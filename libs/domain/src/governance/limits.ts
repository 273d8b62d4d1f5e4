/** How much one author may land in a repository, and what follows when it is taken back. */
import type { Patch } from "../patch/patch.ts";
import type { RepositoryRecord } from "./repository-record.ts";

export interface Limits {
  /** Patches of one author that land within 24 hours. */
  readonly landingsPerDay: number;
  /** And so many more with an emergency bypass. */
  readonly emergenciesPerDay: number;
  /** How long an author waits after something of theirs was taken back. */
  readonly cooldownMs: number;
  /** So many reverts of one author or builder within the window, and they are stopped. */
  readonly quarantineReverts: number;
  readonly quarantineWindowMs: number;
  /** So many automatic reverts within 24 hours, and the repository is stopped: the reverts never are (P4). */
  readonly automaticRevertsPerDay: number;
  /** Authors and senders without quota and cooldown. */
  readonly unlimited: readonly string[];
}

export const dayMs = 86_400_000;

/** Whom a patch counts for: at a forge whoever proposed it, elsewhere whoever signed the delivery. */
export const countedAuthor = ({
  author,
  sender,
  head,
}: Pick<Patch, "author" | "sender" | "head">) => (head === undefined ? sender : author);

export interface LimitReached {
  readonly detail: string;
  /** When it may land, milliseconds since the epoch. */
  readonly until: number;
}

/** Why the author has to wait, if at all. */
export function limitReached(
  patch: Pick<Patch, "id" | "author" | "sender" | "head"> & { policy: { limits: Limits } },
  record: RepositoryRecord,
  now: number,
): LimitReached | undefined {
  const { limits } = patch.policy;
  const author = countedAuthor(patch);
  if ([author, patch.sender].some((name) => limits.unlimited.includes(name))) return undefined;
  const isOwn = (note: { author: string }) => note.author === author;
  const reverted = Math.max(0, ...record.reverts.filter(isOwn).map(({ at }) => at));
  const cooled = reverted + limits.cooldownMs;
  if (reverted > 0 && now < cooled)
    return { detail: `a patch of ${author} was taken back: the next waits`, until: cooled };
  const landed = record.landings
    .filter((note) => isOwn(note) && note.at > now - dayMs && note.patchId !== patch.id)
    .filter(({ isEmergency }) => isEmergency !== true)
    .map(({ at }) => at)
    .toSorted((one, other) => one - other);
  if (landed.length < limits.landingsPerDay) return undefined;
  const freed = landed.at(-limits.landingsPerDay) ?? now;
  const detail = `${author} has landed ${landed.length} patches within 24 hours, and ${limits.landingsPerDay} is the most`;
  return { detail, until: freed + dayMs };
}

/** Whether the author's emergencies of this day are used up by other patches. */
export function hasEmergency(
  patch: Pick<Patch, "id" | "author" | "sender" | "head"> & { policy: { limits: Limits } },
  record: RepositoryRecord,
  now: number,
): boolean {
  const author = countedAuthor(patch);
  const used = record.landings.filter(
    (note) =>
      note.isEmergency === true &&
      note.author === author &&
      note.at > now - dayMs &&
      note.patchId !== patch.id,
  );
  return used.length < patch.policy.limits.emergenciesPerDay;
}
