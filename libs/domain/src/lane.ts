/**
 * A lane is one target branch of one repository. One patch at a time may push there: the occupant.
 * Once it stands on its last stage it may share the lane: the next in order of arrival is let in beside
 * it if both allow it and neither touches what the other does, so that whatever breaks can still be
 * attributed. Nobody is let in while one of them is being taken back, and nobody overtakes.
 */
import { rankSuspects, type Suspect, type Suspicion } from "./attribution.ts";
import { areIndependent, type Claim } from "./claim.ts";
import { type LaneWork, type LookAhead, newLooksAhead } from "./look-ahead.ts";
import type { Observation } from "./observation/observation.ts";

export interface LaneState {
  /** Holds the newest token, or waits to be granted another. */
  readonly occupant?: LaneRequest & { readonly token: number; readonly isAsking?: true };
  /** On the branch and being watched, oldest first; they push no landing any more. */
  readonly live?: readonly LaneRequest[];
  readonly waiting: readonly LaneRequest[];
  /** The last fencing token given out; it only grows, so it also is a patch's place in the row of tests. */
  readonly token: number;
  /** Patches that tests have taken back here (`e-lond.ts`); absent is none. */
  readonly discoveries?: number;
}

/** How a patch may be live beside others; a lane knows no more of it. */
export interface LaneShare {
  /** Patches that may be live at once, itself included. */
  readonly maxLive: number;
  readonly claim: Claim;
  /** Upper end of its variance, 0-1; 1 when unknown. */
  readonly variance: number;
}

/** Harm that one of the live patches did, and nobody can tell yet which. */
export interface SeenHarm {
  readonly stage: string;
  /** The watch that saw it. */
  readonly token: number;
  readonly observation: Observation;
  readonly touches: readonly string[];
}

/** `epoch` is the patch's own when it asked; it tells a late release from one that is meant. */
interface LaneRequest {
  readonly patchId: string;
  readonly epoch: number;
  /** Absent: it is live alone. */
  readonly share?: LaneShare;
  /** Absent: nothing is done ahead for it. */
  readonly work?: LaneWork;
  /** It is being taken back: `blocked` when that did not succeed. */
  readonly closing?: "reverting" | "blocked";
  /** When it landed on its last stage. */
  readonly landedAt?: number;
  /** It has seen harm that is not traced yet. */
  readonly hasSeenHarm?: true;
  /** The watch that began anew; what an older one saw is no reason any more. */
  readonly freshToken?: number;
}

export type LaneCommand =
  | {
      readonly type: "request-lane";
      readonly patchId: string;
      readonly epoch: number;
      readonly share?: LaneShare;
      readonly work?: LaneWork;
    }
  | {
      /** It pushes no landing any more. */
      readonly type: "share-lane";
      readonly patchId: string;
      readonly epoch: number;
      readonly landedAt: number;
    }
  | {
      readonly type: "report-harm";
      readonly patchId: string;
      readonly epoch: number;
      readonly harm: SeenHarm;
    }
  | {
      /** `close-lane`: it is being taken back. `block-lane`: it could not be. */
      readonly type: "close-lane" | "block-lane" | "release-lane";
      readonly patchId: string;
      readonly epoch: number;
      /** With a release: the tests of a watch took the patch back. */
      readonly isDiscovery?: boolean;
    };

/** Who may push now, with which token, which patches are live beside it, and how many tests took back (P5). */
export interface LaneGrant {
  readonly patchId: string;
  readonly token: number;
  readonly beside: readonly string[];
  readonly discoveries: number;
}

/** Who is to be taken back for harm that was seen, and how everybody was judged (P5). */
export interface LaneBlame {
  readonly patchId: string;
  readonly harm: SeenHarm;
  readonly ranking: readonly Suspicion[];
}

/** A watch that begins again, with a place of its own in the row of tests. */
export interface FreshWatch {
  readonly patchId: string;
  readonly token: number;
  readonly discoveries: number;
}

export interface LaneDecision {
  readonly state: LaneState;
  readonly granted?: LaneGrant;
  readonly blamed?: LaneBlame;
  /** Who is to be watched on fresh samples, after another was taken back. */
  readonly anew?: readonly FreshWatch[];
  /** Trees that have become likely; see `look-ahead.ts`. */
  readonly ahead?: readonly LookAhead[];
}

export const emptyLane: LaneState = { waiting: [], token: 0 };

/**
 * Total: asking twice waits once, releasing what is not held only leaves the queue.
 * P1: every grant has a token of its own, also when the occupant asks again, so that the fence in the
 * repository tells a process stopped in an earlier attempt from the one at work.
 */
export function decideLane(state: LaneState, command: LaneCommand): LaneDecision {
  const decision = decided(state, command);
  const ahead = newLooksAhead(state, decision.state);
  return ahead.length > 0 ? { ...decision, ahead } : decision;
}

function decided(state: LaneState, command: LaneCommand): LaneDecision {
  switch (command.type) {
    case "request-lane": {
      const { type: _, ...request } = command;
      return requestLane(state, request);
    }
    case "share-lane":
      return shareLane(state, command);
    case "report-harm":
      return traceHarm(state, command, command.harm);
    case "close-lane":
      return { state: changed(state, command, { closing: "reverting" }) };
    case "block-lane":
      // With its epoch: the `close-lane` of the same revert says nothing after it.
      return watchAnew(changed(state, command, { closing: "blocked", epoch: command.epoch }), true);
    case "release-lane":
      return releaseLane(state, command);
  }
}

type Named = Pick<LaneRequest, "patchId" | "epoch">;

function requestLane(state: LaneState, request: LaneRequest): LaneDecision {
  const { occupant, waiting } = state;
  const isIts = ({ patchId }: Named) => patchId === request.patchId;
  if (occupant && isIts(occupant)) {
    const { token } = occupant;
    return grantNext({ ...state, occupant: { ...request, token, isAsking: true } }, request);
  }
  if ([...liveOf(state), ...waiting].some(isIts)) return { state };
  return grantNext({ ...state, waiting: [...waiting, request] }, request);
}

/** A patch that is being taken back keeps the lane to itself. */
function shareLane(
  state: LaneState,
  { landedAt, ...command }: LaneCommand & { type: "share-lane" },
): LaneDecision {
  const { occupant, ...rest } = state;
  if (!occupant || !isMeant(occupant, command)) return { state };
  if (occupant.closing) return { state: changed(state, command, { landedAt }) };
  const { token: _, isAsking: __, ...standing } = occupant;
  return grantNext({ ...rest, live: [...liveOf(state), { ...standing, landedAt }] });
}

function releaseLane(
  state: LaneState,
  command: Named & { readonly isDiscovery?: boolean },
): LaneDecision {
  const isOther = (each: Named) => !isMeant(each, command);
  const wasClosing = membersOf(state).some((each) => !isOther(each) && each.closing);
  const { occupant, waiting, token, discoveries = 0 } = state;
  const live = liveOf(state).filter(isOther);
  // Counted when it leaves the branch, which it does once.
  const isLeaving = live.length < liveOf(state).length || (occupant && !isOther(occupant));
  const found = discoveries + (command.isDiscovery && isLeaving ? 1 : 0);
  const left = {
    ...(occupant && isOther(occupant) ? { occupant } : {}),
    ...(live.length > 0 ? { live } : {}),
    waiting: waiting.filter(isOther),
    token,
    ...(found > 0 ? { discoveries: found } : {}),
  };
  const watched = watchAnew(left, wasClosing);
  return { ...watched, ...grantNext(watched.state) };
}

/**
 * One at a time is taken back: whoever is likeliest goes first, and only harm that is seen again on
 * fresh samples after that touches the next. A patch the lane does not know answers for itself.
 */
function traceHarm(state: LaneState, command: Named, harm: SeenHarm): LaneDecision {
  const { patchId } = command;
  const member = membersOf(state).find((each) => isMeant(each, command));
  if (member && harm.token < (member.freshToken ?? 0)) return { state };
  if (!member) return { state, blamed: { patchId, harm, ranking: [] } };
  const seen = changed(state, command, { hasSeenHarm: true });
  if (membersOf(seen).some(({ closing }) => closing === "reverting")) return { state: seen };
  const suspects = membersOf(seen).flatMap((each) => suspectOf(each, harm) ?? []);
  const at = harm.observation.at;
  const ranking = rankSuspects(suspects, { at, touches: harm.touches });
  const first = ranking[0]?.patchId ?? patchId;
  const blamed = { patchId: first, epoch: Number.MAX_SAFE_INTEGER };
  return {
    state: changed(seen, blamed, { closing: "reverting" }),
    blamed: { patchId: first, harm, ranking },
  };
}

/** The occupant stands on the branch once it has seen harm there; before, it may not even have landed. */
function suspectOf(member: LaneRequest, { observation }: SeenHarm): Suspect | undefined {
  const { patchId, share, closing, hasSeenHarm, landedAt } = member;
  if (!share || closing || (landedAt === undefined && !hasSeenHarm)) return undefined;
  const { claim, variance } = share;
  return { patchId, claim, variance, landedAt: landedAt ?? observation.at };
}

/** What was seen before another was taken back says nothing of those that are left. */
function watchAnew(state: LaneState, isDue: boolean): LaneDecision {
  const members = membersOf(state).filter(({ closing }) => !closing);
  const patchIds = members.flatMap(({ patchId, landedAt, hasSeenHarm }) =>
    landedAt !== undefined || hasSeenHarm ? [patchId] : [],
  );
  const isTracing = membersOf(state).some(({ closing }) => closing === "reverting");
  const isAwaited = isDue || members.some(({ hasSeenHarm }) => hasSeenHarm);
  if (isTracing || !isAwaited || patchIds.length === 0) return { state };
  const { occupant, live, token, discoveries = 0 } = state;
  const anew = patchIds.map((patchId, at) => ({ patchId, token: token + at + 1, discoveries }));
  const tokens = new Map(anew.map((each) => [each.patchId, each.token]));
  const next = {
    ...state,
    ...(occupant ? { occupant: refreshed(occupant, tokens) } : {}),
    ...(live ? { live: live.map((each) => refreshed(each, tokens)) } : {}),
    token: token + patchIds.length,
  };
  return { state: next, anew };
}

function refreshed<Member extends LaneRequest>(
  member: Member,
  tokens: ReadonlyMap<string, number>,
): Omit<Member, "hasSeenHarm"> {
  const { hasSeenHarm: _, ...calm } = member;
  const freshToken = tokens.get(member.patchId);
  return freshToken === undefined ? calm : { ...calm, freshToken };
}

const membersOf = (state: LaneState): readonly LaneRequest[] => [
  ...liveOf(state),
  ...(state.occupant ? [state.occupant] : []),
];

/** A word that was overtaken by a newer request of the same patch is about the past. */
const isMeant = (request: Named, { patchId, epoch }: Named) =>
  request.patchId === patchId && request.epoch <= epoch;

/** The member that is meant, with something more known of it. */
function changed(state: LaneState, command: Named, change: Partial<LaneRequest>): LaneState {
  const { occupant, live } = state;
  const withChange = (each: LaneRequest) =>
    isMeant(each, command) ? { ...each, ...change } : each;
  return {
    ...state,
    ...(occupant ? { occupant: { ...occupant, ...withChange(occupant) } } : {}),
    ...(live ? { live: live.map(withChange) } : {}),
  };
}

/** `asked`: who asks right now. Whoever has waited was audited on a head of before, so nothing is expected on top. */
function grantNext(state: LaneState, asked?: LaneRequest): LaneDecision {
  const { occupant, waiting } = state;
  if (occupant && !occupant.isAsking) return { state };
  const next = occupant ?? waiting[0];
  if (!next || !mayJoin(next, liveOf(state))) return { state };
  const { patchId, epoch, share } = next;
  const work = asked?.patchId === patchId ? asked.work : undefined;
  const { discoveries = 0 } = state;
  const token = state.token + 1;
  return {
    state: {
      ...state,
      occupant: { patchId, epoch, ...(share ? { share } : {}), ...(work ? { work } : {}), token },
      waiting: occupant ? waiting : waiting.slice(1),
      token,
    },
    granted: { patchId, token, beside: liveOf(state).map((each) => each.patchId), discoveries },
  };
}

/** The strictest of all limits counts, and who stands there alone stays alone. */
function mayJoin({ share }: LaneRequest, live: readonly LaneRequest[]): boolean {
  return live.every(
    (each) =>
      !each.closing &&
      share !== undefined &&
      each.share !== undefined &&
      live.length < Math.min(share.maxLive, each.share.maxLive) &&
      areIndependent(share.claim, each.share.claim),
  );
}

const liveOf = ({ live }: LaneState): readonly LaneRequest[] => live ?? [];
