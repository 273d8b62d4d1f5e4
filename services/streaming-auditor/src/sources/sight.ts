/**
 * Whether the sources of a watch can be seen. Blind is not healthy (P3): while a source is blind no
 * verdict of health is given, however good the samples were that came before.
 */
import type { Look } from "@council/domain";

export interface SourceSight {
  readonly name: string;
  readonly kind: "seeing" | "blind";
  /** When it became so; milliseconds since the epoch. */
  readonly since: number;
  /** When the canary was last measured; the begin of the watch when it never was. */
  readonly lastSeenAt: number;
  /** Why it is blind, in one sentence. */
  readonly reason?: string;
}

export interface Sight {
  readonly token: number;
  readonly sources: readonly SourceSight[];
}

/** What one look at one source brought. */
export interface Seen {
  readonly name: string;
  readonly staleAfterMs: number;
  /** The newest measurement of the canary in this look. */
  readonly newestAt?: number;
  /** What went wrong, if something did. */
  readonly reason?: string;
}

/** The sight after a look at `at`. A look that fails once is not blindness yet: time without a value is. */
export function sightAfter(
  before: SourceSight | undefined,
  seen: Seen,
  { at, startedAt }: { readonly at: number; readonly startedAt: number },
): SourceSight {
  const { name, staleAfterMs, newestAt, reason } = seen;
  const lastSeenAt = Math.max(before?.lastSeenAt ?? startedAt, newestAt ?? startedAt);
  const isBlind = at - lastSeenAt > staleAfterMs;
  const kind = isBlind ? "blind" : "seeing";
  const since = before?.kind === kind ? before.since : at;
  const why = reason ?? "no value of the canary";
  return { name, kind, since, lastSeenAt, ...(isBlind ? { reason: why } : {}) };
}

/** The look as it may be told: P3: nothing is called healthy while a source is blind. */
export function toldWith(look: Look, sight: Sight | undefined): Look {
  if (look.observation.kind !== "healthy" || sight?.token !== look.state.token) return look;
  const blind = sight.sources.find(({ kind }) => kind === "blind");
  if (!blind) return look;
  const { concluded: _, ...state } = look.state;
  const since = new Date(blind.lastSeenAt).toISOString();
  const why = `blind: ${blind.name} shows nothing since ${since} (${blind.reason ?? "silent"})`;
  return { state, observation: { ...look.observation, kind: "inconclusive", lack: "blind", why } };
}
