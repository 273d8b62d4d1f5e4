/**
 * A lane is one target branch of one repository. One patch at a time may change what runs there,
 * so that whatever breaks can be attributed to it; the others wait in order of arrival.
 */
export interface LaneState {
  readonly occupant?: LaneRequest & { readonly token: number };
  readonly waiting: readonly LaneRequest[];
  /** The last fencing token given out; it only grows. */
  readonly token: number;
}

/** `epoch` is the patch's own when it asked; it tells a late release from one that is meant. */
interface LaneRequest {
  readonly patchId: string;
  readonly epoch: number;
}

export type LaneCommand =
  | ({ readonly type: "request-lane" } & LaneRequest)
  | ({ readonly type: "release-lane" } & LaneRequest);

/** The new state and, if the lane changed hands, who holds it now with which token. */
export interface LaneDecision {
  readonly state: LaneState;
  readonly granted?: { readonly patchId: string; readonly token: number };
}

export const emptyLane: LaneState = { waiting: [], token: 0 };

/**
 * Total: asking twice waits once, releasing what is not held only leaves the queue.
 * P1: every grant has a token of its own, also when the occupant asks again, so that the fence in the
 * repository tells a process stopped in an earlier attempt from the one at work.
 */
export function decideLane(state: LaneState, command: LaneCommand): LaneDecision {
  const { patchId, epoch } = command;
  const { occupant, token } = state;
  const isOwn = occupant?.patchId === patchId;
  switch (command.type) {
    case "request-lane":
      if (isOwn) return grantNext({ waiting: [{ patchId, epoch }, ...state.waiting], token });
      if (state.waiting.some((request) => request.patchId === patchId)) return { state };
      return grantNext({ ...state, waiting: [...state.waiting, { patchId, epoch }] });
    case "release-lane": {
      // A release that was overtaken by a newer request of the same patch is about the past.
      const isMeant = (request: LaneRequest) =>
        request.patchId === patchId && request.epoch <= epoch;
      const waiting = state.waiting.filter((request) => !isMeant(request));
      if (!occupant || !isMeant(occupant)) return { state: { ...state, waiting } };
      return grantNext({ waiting, token });
    }
  }
}

function grantNext(state: LaneState): LaneDecision {
  const [next, ...waiting] = state.waiting;
  if (state.occupant || next === undefined) return { state };
  const occupant = { ...next, token: state.token + 1 };
  const granted = { patchId: occupant.patchId, token: occupant.token };
  return { state: { occupant, waiting, token: occupant.token }, granted };
}
