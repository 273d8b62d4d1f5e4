/**
 * What a repository has seen of its authors: landings, reverts, and which changes were taken back. Kept
 * beside its patches, told in the commit of the decision, so that nothing is counted twice (P1). From it
 * follow quotas, quarantine and the refusal of what was taken back before.
 */
import type { Candidate, Sha256 } from "../patch/patch.ts";
import { dayMs, type Limits } from "./limits.ts";
import { isInForce, isSameScope, scopeWords, type Stop, type StopScope } from "./stop.ts";

export interface LandingNote {
  readonly patchId: string;
  readonly author: string;
  readonly at: number;
  readonly isEmergency?: boolean;
}

export interface RevertNote {
  readonly patchId: string;
  readonly author: string;
  /** The builder that wrote it, when none of it was submitted. */
  readonly builder?: string;
  readonly at: number;
  /** By a breach, and not by a person. */
  readonly isAutomatic: boolean;
}

/** A change that was taken back: the same one is refused until somebody releases it. */
export interface RefusedChange {
  readonly patchId: string;
  readonly semanticDigest: Sha256;
  readonly alphaDigest?: Sha256;
  readonly reason: string;
  readonly at: number;
}

export interface RepositoryRecord {
  readonly landings: readonly LandingNote[];
  readonly reverts: readonly RevertNote[];
  readonly refused: readonly RefusedChange[];
  /** Quarantines: stops that nobody set by hand. */
  readonly stops: readonly Stop[];
}

export const emptyRecord: RepositoryRecord = { landings: [], reverts: [], refused: [], stops: [] };

export type RecordCommand =
  | ({ readonly type: "note-landing" } & LandingNote)
  | ({
      readonly type: "note-revert";
      readonly repository: string;
      readonly change: RefusedChange;
      readonly limits: Limits;
    } & RevertNote)
  | {
      readonly type: "release-change";
      readonly patchId: string;
      readonly actor: string;
      readonly reason: string;
    }
  | {
      readonly type: "lift";
      readonly scope: StopScope;
      readonly actor: string;
      readonly reason: string;
    };

export type RecordEvent =
  | { readonly type: "ChangeRefused"; readonly change: RefusedChange }
  | {
      readonly type: "ChangeReleased";
      readonly patchId: string;
      readonly actor: string;
      readonly reason: string;
    }
  | { readonly type: "StopSet"; readonly stop: Stop }
  | {
      readonly type: "StopLifted";
      readonly scope: StopScope;
      readonly actor: string;
      readonly reason: string;
    };

export type RecordDecision =
  | {
      readonly kind: "accepted";
      readonly events: readonly RecordEvent[];
      readonly state: RepositoryRecord;
    }
  | { readonly kind: "refused"; readonly reason: string };

/** The newest so many are kept of each list. */
const mostKept = 1000;

/** Total and pure. A note that comes twice counts once. */
export function decideRecord(
  state: RepositoryRecord,
  command: RecordCommand,
  now: number,
): RecordDecision {
  switch (command.type) {
    case "note-landing": {
      const { type: _, ...note } = command;
      const others = state.landings.filter(({ patchId }) => patchId !== note.patchId);
      const landings = [...others, note].filter(({ at }) => at > now - dayMs).slice(-mostKept);
      return { kind: "accepted", events: [], state: { ...state, landings } };
    }
    case "note-revert":
      return noteRevert(state, command, now);
    case "release-change": {
      const { type: _, ...said } = command;
      const isRefused = state.refused.some(({ patchId }) => patchId === command.patchId);
      if (!isRefused) return { kind: "refused", reason: `${command.patchId} is not refused` };
      const refused = state.refused.filter(({ patchId }) => patchId !== command.patchId);
      const event = { type: "ChangeReleased", ...said } as const;
      return { kind: "accepted", events: [event], state: { ...state, refused } };
    }
    case "lift": {
      const { type: _, ...said } = command;
      if (!state.stops.some((stop) => isSameScope(stop.scope, said.scope)))
        return { kind: "refused", reason: `${scopeWords(said.scope)} is not in quarantine` };
      const stops = state.stops.filter((stop) => !isSameScope(stop.scope, said.scope));
      // What led to it is forgiven; else the next revert alone would bring it back.
      const reverts = state.reverts.filter((note) => !isCounted(said.scope, note));
      const event = { type: "StopLifted", ...said } as const;
      return { kind: "accepted", events: [event], state: { ...state, stops, reverts } };
    }
  }
}

function noteRevert(
  state: RepositoryRecord,
  command: RecordCommand & { type: "note-revert" },
  now: number,
): RecordDecision {
  const { type: _, repository, change, limits, ...note } = command;
  if (state.refused.some(({ patchId, at }) => patchId === change.patchId && at === change.at))
    return { kind: "accepted", events: [], state };
  const keptMs = Math.max(dayMs, limits.quarantineWindowMs, limits.cooldownMs);
  const reverts = [...state.reverts, note].filter(({ at }) => at > now - keptMs).slice(-mostKept);
  const refused = [...state.refused, change].slice(-mostKept);
  const current = state.stops.filter((stop) => isInForce(stop, now));
  const added = quarantines(reverts, note, { repository, limits, now }).filter(
    ({ scope }) => !current.some((stop) => isSameScope(stop.scope, scope)),
  );
  return {
    kind: "accepted",
    events: [
      { type: "ChangeRefused", change },
      ...added.map((stop) => ({ type: "StopSet", stop }) as const),
    ],
    state: { ...state, reverts, refused, stops: [...current, ...added] },
  };
}

/** Who is stopped by this revert: an author or builder too often, or all when automatic reverts pile up. */
function quarantines(
  reverts: readonly RevertNote[],
  { author, builder }: RevertNote,
  { repository, limits, now }: { repository: string; limits: Limits; now: number },
): Stop[] {
  const { quarantineReverts, quarantineWindowMs, automaticRevertsPerDay } = limits;
  const scopes: (readonly [StopScope, number, number])[] = [
    [{ kind: "author", name: author }, quarantineReverts, quarantineWindowMs],
    ...(builder === undefined
      ? []
      : [[{ kind: "builder", name: builder }, quarantineReverts, quarantineWindowMs] as const]),
    [{ kind: "repository", name: repository }, automaticRevertsPerDay, dayMs],
  ];
  return scopes.flatMap(([scope, most, withinMs]) => {
    const count = reverts.filter(
      (note) => isCounted(scope, note) && note.at > now - withinMs,
    ).length;
    if (count < most) return [];
    const what = scope.kind === "repository" ? "automatic reverts" : "reverts";
    const reason = `${count} ${what} within ${Math.round(withinMs / 3_600_000)} hours`;
    return [{ scope, actor: "council", reason, since: now }];
  });
}

function isCounted(scope: StopScope, note: RevertNote): boolean {
  switch (scope.kind) {
    case "author":
      return note.author === scope.name;
    case "builder":
      return note.builder === scope.name;
    case "repository":
      return note.isAutomatic;
    default:
      return false;
  }
}

/** The change that was taken back and is here again, reworded or renamed as it may be. */
export function refusedBefore(
  record: RepositoryRecord,
  candidate: Pick<Candidate, "semanticDigest" | "alphaDigest">,
): RefusedChange | undefined {
  const { semanticDigest, alphaDigest } = candidate;
  return record.refused.find(
    (each) =>
      each.semanticDigest === semanticDigest ||
      (alphaDigest !== undefined && each.alphaDigest === alphaDigest),
  );
}
