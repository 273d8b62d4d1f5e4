import { useSyncExternalStore } from "react";
import { ago } from "./quantity.ts";

const everyMs = 5000;
let now = Date.now();

function subscribe(listener: () => void): () => void {
  const timer = setInterval(() => {
    now = Date.now();
    listener();
  }, everyMs);
  return () => clearInterval(timer);
}

/** The time, looked at every few seconds. */
export const useNow = () => useSyncExternalStore(subscribe, () => now);

/** A time in words, the exact one on hover. */
export function When({ at }: { readonly at: number | undefined }) {
  const current = useNow();
  if (at === undefined || Number.isNaN(new Date(at).getTime()))
    return <span className="when">–</span>;
  const date = new Date(at);
  return (
    <time className="when" dateTime={date.toISOString()} title={date.toLocaleString()}>
      {ago(at, Math.max(current, Date.now()))}
    </time>
  );
}
