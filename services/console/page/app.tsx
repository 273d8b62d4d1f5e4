/** The frame of the page: where one is, whether what one sees is live, and the way everywhere else. */
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { Board } from "./board.tsx";
import { Drills } from "./drills.tsx";
import { Heads } from "./heads.tsx";
import { useShortcuts } from "./keys.tsx";
import { KeySheet } from "./key-sheet.tsx";
import { PatchView } from "./patch-view.tsx";
import { type Pause, PauseBanner, PauseSwitch, usePause } from "./pause.tsx";
import { Queue } from "./queue.tsx";
import { Rollbacks } from "./rollbacks.tsx";
import { go, type Route, routeOf, useHash, viewAddress, views } from "./route.ts";
import { Settings } from "./settings.tsx";
import { Spend } from "./spend.tsx";
import { Stops } from "./stops.tsx";
import type { LinkState, Snapshot, Store } from "./store.ts";
import { applyTheme, nextTheme, savedTheme, type Theme } from "./theme.ts";
import { TokenGate } from "./token-gate.tsx";
import { kindOf } from "./words.ts";

const linkWords: Readonly<Record<LinkState, string>> = {
  connecting: "Connecting…",
  live: "Live",
  lost: "Reconnecting…",
};

export function App({ store }: { readonly store: Store }) {
  const snapshot = useSyncExternalStore(store.subscribe, store.snapshot);
  const route = routeOf(useHash());
  const [theme, setTheme] = useState(savedTheme);
  const [isSheetOpen, setSheetOpen] = useState(false);
  const changeTheme = () => {
    const next = nextTheme(theme);
    applyTheme(next);
    setTheme(next);
  };
  useShortcuts([
    ...views.map(({ id, title, key }) => ({
      keys: `g ${key}`,
      does: `go to ${title}`,
      run: () => go(viewAddress(id)),
    })),
    { keys: "t", does: "light, dark, or as the system has it", run: changeTheme },
    { keys: "?", does: "show the keys", run: () => setSheetOpen(true) },
  ]);
  const pause = usePause(store);
  const main = useArrival(route, snapshot);
  return (
    <>
      <a className="skip" href="#main" onClick={(event) => skipTo(event, main.current)}>
        Skip to the content
      </a>
      <div className="shell">
        <Rail route={route} snapshot={snapshot} />
        <div className="column">
          <Topbar
            link={snapshot.link}
            pause={pause}
            theme={theme}
            onTheme={changeTheme}
            onKeys={() => setSheetOpen(true)}
          />
          <PauseBanner {...pause} />
          <main id="main" ref={main} tabIndex={-1}>
            <View route={route} snapshot={snapshot} store={store} />
          </main>
        </div>
      </div>
      {pause.dialog}
      {isSheetOpen && <KeySheet onClose={() => setSheetOpen(false)} />}
      {snapshot.gate !== "open" && (
        <TokenGate store={store} isRefused={snapshot.gate === "refused"} />
      )}
    </>
  );
}

/** Names the page after its place, and takes the focus to a new one. */
function useArrival(route: Route, snapshot: Snapshot) {
  const main = useRef<HTMLElement>(null);
  const place = route.view === "patch" ? route.id : route.view;
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = `${titleOf(route, snapshot)} · Council`;
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
    // The title follows the patches too, the focus only the place.
  }, [place]);
  return main;
}

function Topbar(props: {
  readonly link: LinkState;
  readonly pause: Pause;
  readonly theme: Theme;
  readonly onTheme: () => void;
  readonly onKeys: () => void;
}) {
  const { link, pause, theme, onTheme, onKeys } = props;
  return (
    <header className="topbar">
      <p className="link-state" role="status" data-state={link}>
        {linkWords[link]}
      </p>
      <PauseSwitch {...pause} />
      <button type="button" className="quiet" onClick={onTheme}>
        {theme === "auto" ? "System theme" : theme === "light" ? "Light" : "Dark"}
        <kbd>t</kbd>
      </button>
      <button type="button" className="quiet" onClick={onKeys}>
        Keys<kbd>?</kbd>
      </button>
    </header>
  );
}

function skipTo(event: { preventDefault: () => void }, main: HTMLElement | null): void {
  event.preventDefault();
  main?.focus();
}

function titleOf(route: Route, { patches }: Snapshot): string {
  if (route.view === "patch")
    return patches.find(({ id }) => id === route.id)?.title ?? `Patch ${route.id}`;
  return views.find(({ id }) => id === route.view)?.title ?? "";
}

function Rail({ route, snapshot }: { readonly route: Route; readonly snapshot: Snapshot }) {
  const waiting = snapshot.patches.filter(({ kind }) => kindOf(kind).group === "attention").length;
  return (
    <nav className="rail" aria-label="Views">
      <a className="brand" href="#/board">
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="8" />
          <path d="M8 17l6 6L25 10" />
        </svg>
        Council
      </a>
      <ul>
        {views.map(({ id, title, key }) => {
          const isHere = route.view === id || (route.view === "patch" && id === "board");
          return (
            <li key={id}>
              <a href={viewAddress(id)} aria-current={isHere ? "page" : undefined}>
                <span>{title}</span>
                {id === "board" && waiting > 0 && (
                  <span className="count" data-tone="warn" title={`${waiting} need a person`}>
                    {waiting}
                  </span>
                )}
                <kbd aria-hidden="true">g {key}</kbd>
              </a>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

function View(props: {
  readonly route: Route;
  readonly snapshot: Snapshot;
  readonly store: Store;
}) {
  const { route, snapshot, store } = props;
  switch (route.view) {
    case "patch":
      return <PatchView key={route.id} id={route.id} part={route.part} store={store} />;
    case "board":
      return <Board snapshot={snapshot} store={store} filter={route.filter} />;
    case "rollbacks":
      return <Rollbacks snapshot={snapshot} store={store} />;
    case "stops":
      return <Stops store={store} />;
    case "spend":
      return <Spend store={store} />;
    case "heads":
      return <Heads snapshot={snapshot} store={store} />;
    case "drills":
      return <Drills store={store} />;
    case "queue":
      return <Queue store={store} />;
    case "settings":
      return <Settings store={store} />;
  }
}
