/**
 * What people have said for all of Council: who and what is stopped, who stands in for whom, and what is waived.
 * One small state, read with every decision; whatever has run out is dropped with the
 * next change.
 */
import type { Delegation } from "./delegation.ts";
import { isInForce, isSameScope, scopeWords, type Stop, type StopScope } from "./stop.ts";
import type { Waiver } from "./waiver.ts";

export interface Control {
  readonly stops: readonly Stop[];
  readonly delegations: readonly Delegation[];
  readonly waivers: readonly Waiver[];
}

export const emptyControl: Control = { stops: [], delegations: [], waivers: [] };

interface Said {
  readonly actor: string;
  readonly reason: string;
}

export type ControlCommand =
  | ({ readonly type: "stop"; readonly scope: StopScope; readonly until?: number } & Said)
  | ({ readonly type: "lift"; readonly scope: StopScope } & Said)
  | ({ readonly type: "delegate" } & Pick<Delegation, "from" | "to" | "until"> & Said)
  | ({ readonly type: "end-delegation"; readonly from: string; readonly to: string } & Said)
  | ({ readonly type: "waive" } & Omit<Waiver, "since">)
  | ({ readonly type: "end-waiver"; readonly id: string } & Said);

/** What happened; the ledger holds these under the subject they are about. */
export type ControlEvent =
  | { readonly type: "StopSet"; readonly stop: Stop }
  | ({ readonly type: "StopLifted"; readonly scope: StopScope } & Said)
  | { readonly type: "Delegated"; readonly delegation: Delegation }
  | ({ readonly type: "DelegationEnded"; readonly from: string; readonly to: string } & Said)
  | { readonly type: "WaiverGranted"; readonly waiver: Waiver }
  | ({ readonly type: "WaiverEnded"; readonly id: string } & Said);

export type ControlDecision =
  | { readonly kind: "accepted"; readonly events: readonly ControlEvent[]; readonly state: Control }
  | { readonly kind: "refused"; readonly reason: string };

/** More than so many at once are no longer read by anybody. */
export const mostOfEach = 500;

/** Total and pure, like the decisions about a patch. */
export function decideControl(
  state: Control,
  command: ControlCommand,
  now: number,
): ControlDecision {
  const current = inForce(state, now);
  const event = eventOf(current, command, now);
  if (typeof event === "string") return { kind: "refused", reason: event };
  const next = evolveControl(current, event);
  // A pause of everything is never refused: it needs no list to be read.
  const isPause = command.type === "stop" && command.scope.kind === "global";
  const isFull = Object.values(next).some((list) => list.length > mostOfEach);
  if (isFull && !isPause)
    return { kind: "refused", reason: `there are ${mostOfEach} of these already` };
  return { kind: "accepted", events: [event], state: next };
}

/** The event a command leads to, or why it leads to none. */
function eventOf(state: Control, command: ControlCommand, now: number): ControlEvent | string {
  const { actor, reason } = command;
  const said = { actor, reason };
  switch (command.type) {
    case "stop": {
      const { scope, until } = command;
      if (until !== undefined && until <= now) return "it would have ended already";
      const stop = { scope, ...said, since: now, ...(until === undefined ? {} : { until }) };
      return { type: "StopSet", stop };
    }
    case "lift": {
      const { scope } = command;
      const isSet = state.stops.some((stop) => isSameScope(stop.scope, scope));
      return isSet ? { type: "StopLifted", scope, ...said } : `${scopeWords(scope)} is not stopped`;
    }
    case "delegate": {
      const { from, to, until } = command;
      if (until <= now) return "it would have ended already";
      if (from.name === to) return "nobody stands in for themselves";
      return { type: "Delegated", delegation: { from, to, until, ...said, since: now } };
    }
    case "end-delegation": {
      const { from, to } = command;
      const isSet = state.delegations.some((each) => each.from.name === from && each.to === to);
      return isSet
        ? { type: "DelegationEnded", from, to, ...said }
        : `${to} does not stand in for ${from}`;
    }
    case "waive": {
      const { type: _, ...waiver } = command;
      if (waiver.until <= now) return "it would have ended already";
      return { type: "WaiverGranted", waiver: { ...waiver, since: now } };
    }
    case "end-waiver": {
      const { id } = command;
      const isSet = state.waivers.some((waiver) => waiver.id === id);
      return isSet ? { type: "WaiverEnded", id, ...said } : `there is no waiver ${id}`;
    }
  }
}

/** Folds an event into the state; a later word about the same thing replaces the earlier one. */
export function evolveControl(state: Control, event: ControlEvent): Control {
  const { stops, delegations, waivers } = state;
  switch (event.type) {
    case "StopSet":
      return { ...state, stops: [...stopsBut(stops, event.stop.scope), event.stop] };
    case "StopLifted":
      return { ...state, stops: stopsBut(stops, event.scope) };
    case "Delegated": {
      const { delegation } = event;
      const others = delegationsBut(delegations, delegation.from.name, delegation.to);
      return { ...state, delegations: [...others, delegation] };
    }
    case "DelegationEnded":
      return { ...state, delegations: delegationsBut(delegations, event.from, event.to) };
    case "WaiverGranted":
      return { ...state, waivers: [...waiversBut(waivers, event.waiver.id), event.waiver] };
    case "WaiverEnded":
      return { ...state, waivers: waiversBut(waivers, event.id) };
  }
}

const stopsBut = (stops: readonly Stop[], scope: StopScope) =>
  stops.filter((stop) => !isSameScope(stop.scope, scope));
const delegationsBut = (all: readonly Delegation[], from: string, to: string) =>
  all.filter((each) => each.from.name !== from || each.to !== to);

const waiversBut = (all: readonly Waiver[], id: string) => all.filter((each) => each.id !== id);

/** What still counts at this moment. */
export function inForce(state: Control, now: number): Control {
  const isCurrent = (each: { readonly until?: number }) => isInForce(each, now);
  return {
    stops: state.stops.filter(isCurrent),
    delegations: state.delegations.filter(isCurrent),
    waivers: state.waivers.filter(isCurrent),
  };
}
