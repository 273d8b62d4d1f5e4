/** Shortcuts. A view says which keys it answers; `?` shows them all. Keys typed into a field are its own. */
import { useEffect, useRef } from "react";

export interface Shortcut {
  /** As `KeyboardEvent.key`, or two of them after each other: `g b`. */
  readonly keys: string;
  readonly does: string;
  readonly run: () => void;
}

const active = new Set<{ readonly current: readonly Shortcut[] }>();
let first = "";
let firstAt = 0;
/** The second key of a pair has to come within this time, milliseconds. */
const pairMs = 1200;

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLInputElement ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement
  );
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  const isPair = Date.now() - firstAt < pairMs && first !== "";
  const pressed = isPair ? `${first} ${event.key}` : event.key;
  first = event.key === "g" && !isPair ? "g" : "";
  firstAt = Date.now();
  for (const { current } of [...active].reverse()) {
    const found = current.find(({ keys }) => keys === pressed);
    if (!found) continue;
    event.preventDefault();
    found.run();
    return;
  }
}

addEventListener("keydown", onKey);

/** Answers these keys for as long as the component is shown. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const place = useRef(shortcuts);
  place.current = shortcuts;
  useEffect(() => {
    active.add(place);
    return () => {
      active.delete(place);
    };
  }, []);
}

/** Everything that is answered now, for the sheet. */
export function activeShortcuts(): readonly Shortcut[] {
  return [...active].flatMap(({ current }) => current);
}
