import type { Patch, Slot } from "../patch/patch.ts";

/** What can be stopped. `global` is the pause of all landings; an author is also known by the sender. */
export const stopScopes = ["repository", "author", "builder", "head", "patch"] as const;
export type StopScope =
  | { readonly kind: "global" }
  | { readonly kind: (typeof stopScopes)[number]; readonly name: string };

/** A kill switch. P4: it keeps things from landing, being rendered or counted, never from being taken back. */
export interface Stop {
  readonly scope: StopScope;
  readonly actor: string;
  readonly reason: string;
  readonly since: number;
  /** It ends by itself then; absent means that somebody has to lift it. */
  readonly until?: number;
}

export const isInForce = ({ until }: { readonly until?: number }, now: number): boolean =>
  until === undefined || now < until;

export const isSameScope = (one: StopScope, other: StopScope): boolean =>
  one.kind === other.kind && nameOf(one) === nameOf(other);

const nameOf = (scope: StopScope) => (scope.kind === "global" ? "" : scope.name);

/** The stop that keeps this patch from landing, the widest first. */
export function landingStop(
  stops: readonly Stop[],
  patch: Pick<Patch, "id" | "repository" | "author" | "sender">,
  now: number,
): Stop | undefined {
  const names = {
    global: [""],
    repository: [patch.repository],
    author: [patch.author, patch.sender],
    patch: [patch.id],
  };
  const kinds = Object.keys(names) as (keyof typeof names)[];
  return kinds
    .map((kind) =>
      stops.find(
        (stop) =>
          stop.scope.kind === kind &&
          names[kind].includes(nameOf(stop.scope)) &&
          isInForce(stop, now),
      ),
    )
    .find((stop) => stop !== undefined);
}

/** The stop of a head, whose vote then counts nowhere. */
export const headStop = (stops: readonly Stop[], head: string, now: number): Stop | undefined =>
  namedStop(stops, { kind: "head", name: head }, now);

/** The stop of a builder, which is then asked for nothing. */
export const builderStop = (stops: readonly Stop[], slot: Slot, now: number): Stop | undefined =>
  namedStop(stops, { kind: "builder", name: slot }, now);

function namedStop(stops: readonly Stop[], scope: StopScope, now: number): Stop | undefined {
  return stops.find((stop) => isSameScope(stop.scope, scope) && isInForce(stop, now));
}

/** "the author ada", for sentences. */
export function scopeWords(scope: StopScope): string {
  return scope.kind === "global" ? "all landings" : `the ${scope.kind} ${scope.name}`;
}

/** Why something stands still, in one sentence. */
export function stopSentence({ scope, actor, reason, until }: Stop): string {
  const end = until === undefined ? "" : ` until ${new Date(until).toISOString()}`;
  return `${actor} has stopped ${scopeWords(scope)}${end}: ${reason}`;
}
