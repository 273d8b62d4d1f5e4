/**
 * A lane is one target branch of one repository. One patch at a time may push there: the occupant.
 * Once it stands on its last stage it may share the lane: the next in order of arrival is let in beside
 * it if both allow it and neither touches what the other does, so that whatever breaks can still be
 * attributed. Nobody is let in while one of them is being taken back, and nobody overtakes.
 */
import { areIndependent, type Claim } from "./claim.ts";

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
}

/** `epoch` is the patch's own when it asked; it tells a late release from one that is meant. */
interface LaneRequest {
  readonly patchId: string;
  readonly epoch: number;
  /** Absent: it is live alone. */
  readonly share?: LaneShare;
  /** It is being taken back. */
  readonly isClosing?: true;
}

export type LaneCommand =
  | {
      readonly type: "request-lane";
      readonly patchId: string;
      readonly epoch: number;
      readonly share?: LaneShare;
    }
  | {
      /** `share-lane`: it pushes no landing any more. `close-lane`: it is being taken back. */
      readonly type: "share-lane" | "close-lane" | "release-lane";
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

export interface LaneDecision {
  readonly state: LaneState;
  readonly granted?: LaneGrant;
}

export const emptyLane: LaneState = { waiting: [], token: 0 };

/**
 * Total: asking twice waits once, releasing what is not held only leaves the queue.
 * P1: every grant has a token of its own, also when the occupant asks again, so that the fence in the
 * repository tells a process stopped in an earlier attempt from the one at work.
 */
export function decideLane(state: LaneState, command: LaneCommand): LaneDecision {
  switch (command.type) {
    case "request-lane": {
      const { type: _, ...request } = command;
      return requestLane(state, request);
    }
    case "share-lane":
      return shareLane(state, command);
    case "close-lane":
      return { state: closeLane(state, command) };
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
    return grantNext({ ...state, occupant: { ...request, token, isAsking: true } });
  }
  if ([...liveOf(state), ...waiting].some(isIts)) return { state };
  return grantNext({ ...state, waiting: [...waiting, request] });
}

/** A patch that is being taken back keeps the lane to itself. */
function shareLane(state: LaneState, command: Named): LaneDecision {
  const { occupant, ...rest } = state;
  if (!occupant || !isMeant(occupant, command) || occupant.isClosing) return { state };
  const { token: _, isAsking: __, ...standing } = occupant;
  return grantNext({ ...rest, live: [...liveOf(state), standing] });
}

function releaseLane(
  state: LaneState,
  command: Named & { readonly isDiscovery?: boolean },
): LaneDecision {
  const isOther = (each: Named) => !isMeant(each, command);
  const { occupant, waiting, token, discoveries = 0 } = state;
  const live = liveOf(state).filter(isOther);
  // Counted when it leaves the branch, which it does once.
  const isLeaving = live.length < liveOf(state).length || (occupant && !isOther(occupant));
  const found = discoveries + (command.isDiscovery && isLeaving ? 1 : 0);
  return grantNext({
    ...(occupant && isOther(occupant) ? { occupant } : {}),
    ...(live.length > 0 ? { live } : {}),
    waiting: waiting.filter(isOther),
    token,
    ...(found > 0 ? { discoveries: found } : {}),
  });
}

/** A word that was overtaken by a newer request of the same patch is about the past. */
const isMeant = (request: Named, { patchId, epoch }: Named) =>
  request.patchId === patchId && request.epoch <= epoch;

function closeLane(state: LaneState, command: Named): LaneState {
  const { occupant, live } = state;
  const closing = { isClosing: true } as const;
  return {
    ...state,
    ...(occupant && isMeant(occupant, command) ? { occupant: { ...occupant, ...closing } } : {}),
    ...(live
      ? { live: live.map((each) => (isMeant(each, command) ? { ...each, ...closing } : each)) }
      : {}),
  };
}

function grantNext(state: LaneState): LaneDecision {
  const { occupant, waiting } = state;
  if (occupant && !occupant.isAsking) return { state };
  const next = occupant ?? waiting[0];
  if (!next || !mayJoin(next, liveOf(state))) return { state };
  const { patchId, epoch, share } = next;
  const { discoveries = 0 } = state;
  const token = state.token + 1;
  return {
    state: {
      ...state,
      occupant: { patchId, epoch, ...(share ? { share } : {}), token },
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
      !each.isClosing &&
      share !== undefined &&
      each.share !== undefined &&
      live.length < Math.min(share.maxLive, each.share.maxLive) &&
      areIndependent(share.claim, each.share.claim),
  );
}

const liveOf = ({ live }: LaneState): readonly LaneRequest[] => live ?? [];
