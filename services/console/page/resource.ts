import { useCallback, useEffect, useState } from "react";
import { askJson, NotThere, TokenNeeded } from "./api.ts";
import type { Store } from "./store.ts";

export type Resource<Value> =
  | { readonly kind: "loading" }
  | { readonly kind: "ready"; readonly value: Value }
  /** The gateway has no such route. */
  | { readonly kind: "absent" }
  | { readonly kind: "locked" }
  | { readonly kind: "failed"; readonly reason: string };

/** What came of reading, for showing. */
export function outcomeOf(error: unknown): Exclude<Resource<never>, { kind: "ready" }> {
  if (error instanceof TokenNeeded) return { kind: "locked" };
  if (error instanceof NotThere) return { kind: "absent" };
  return { kind: "failed", reason: error instanceof Error ? error.message : String(error) };
}

/**
 * Reads a route, again every `everyMs` and with every other `round`, where given. What was read stays while
 * it is read again.
 */
export function useJson<Value>(
  store: Store,
  path: string,
  { everyMs, round: given = 0 }: { readonly everyMs?: number; readonly round?: number } = {},
): { readonly resource: Resource<Value>; readonly again: () => void; readonly unlock: () => void } {
  const [resource, setResource] = useState<Resource<Value>>({ kind: "loading" });
  const [round, setRound] = useState(0);
  const again = useCallback(() => setRound((before) => before + 1), []);
  useEffect(() => {
    const leaving = new AbortController();
    const read = async () => {
      try {
        const value = await askJson<Value>(path, { signal: leaving.signal });
        if (!leaving.signal.aborted) setResource({ kind: "ready", value });
      } catch (error) {
        if (!leaving.signal.aborted) setResource(outcomeOf(error));
      }
    };
    void read();
    const timer = everyMs === undefined ? undefined : setInterval(() => void read(), everyMs);
    return () => {
      leaving.abort();
      clearInterval(timer);
    };
  }, [path, everyMs, given, round]);
  const unlock = () => void store.askForToken(false).then(again);
  return { resource, again, unlock };
}
