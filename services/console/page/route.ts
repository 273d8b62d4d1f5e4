/** Where the page is, in the part of the address after `#`: every view and patch has an address of its own. */
import { useSyncExternalStore } from "react";

export const views = [
  { id: "board", title: "Board", key: "b" },
  { id: "rollbacks", title: "Rollbacks", key: "r" },
  { id: "stops", title: "Stops", key: "t" },
  { id: "spend", title: "Spend", key: "s" },
  { id: "heads", title: "Heads", key: "h" },
  { id: "drills", title: "Drills", key: "d" },
  { id: "queue", title: "Queue", key: "q" },
  { id: "settings", title: "Settings", key: "," },
] as const;

export type ViewId = (typeof views)[number]["id"];
export type Route =
  | { readonly view: ViewId; readonly filter?: string }
  | { readonly view: "patch"; readonly id: string; readonly part?: string };

export const patchAddress = (id: string) => `#/patches/${encodeURIComponent(id)}`;
export const viewAddress = (view: ViewId) => `#/${view}`;

/** Reads `#/board`, `#/board/held`, `#/patches/<id>`, `#/patches/<id>/timeline`, and `#<patch id>` as older links have it. */
export function routeOf(hash: string): Route {
  const text = hash.replace(/^#\/?/, "");
  const [first = "", second = "", part = ""] = text.split("/").map(decoded);
  if (first === "patches" && second !== "")
    return { view: "patch", id: second, ...(part === "" ? {} : { part }) };
  const view = views.find(({ id }) => id === first);
  if (view) return second === "" ? { view: view.id } : { view: view.id, filter: second };
  return /^p\d{2,3}-/.test(first) ? { view: "patch", id: first } : { view: "board" };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function go(address: string): void {
  location.hash = address;
}

function subscribe(listener: () => void): () => void {
  addEventListener("hashchange", listener);
  return () => removeEventListener("hashchange", listener);
}

export function useHash(): string {
  return useSyncExternalStore(subscribe, () => location.hash);
}
