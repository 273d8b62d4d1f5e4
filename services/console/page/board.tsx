/** Every patch by state, newest first, live. */
import { type ReactNode, useCallback, useMemo, useRef, useState } from "react";
import type { PatchLine } from "./api.ts";
import { StateChip } from "./chip.tsx";
import { useShortcuts } from "./keys.tsx";
import { Note } from "./note.tsx";
import { patchAddress } from "./route.ts";
import { SpendTile } from "./spend-tile.tsx";
import type { Snapshot, Store } from "./store.ts";
import { When } from "./when.tsx";
import { WindowedList } from "./windowed-list.tsx";
import { type GroupId, groups, kindOf } from "./words.ts";

type Row =
  | { readonly kind: "heading"; readonly id: GroupId; readonly count: number }
  | { readonly kind: "patch"; readonly patch: PatchLine };

const heights = { heading: 44, patch: 60 } as const;
const heightOf = (row: Row) => heights[row.kind];
const keyOf = (row: Row) => (row.kind === "heading" ? row.id : row.patch.id);

export function Board(props: {
  readonly snapshot: Snapshot;
  readonly store: Store;
  readonly filter: string | undefined;
}) {
  const { snapshot, store, filter } = props;
  const [text, setText] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => matching(snapshot.patches, text), [snapshot.patches, text]);
  const counts = useMemo(() => countsOf(shown), [shown]);
  const rows = useMemo(() => rowsOf(shown, counts, filter), [shown, counts, filter]);
  const onEnd = useCallback(() => void store.readOlder().catch(() => {}), [store]);
  const step = (by: 1 | -1) => moveFocus(list.current, by);
  useShortcuts([
    { keys: "j", does: "next patch", run: () => step(1) },
    { keys: "k", does: "previous patch", run: () => step(-1) },
    { keys: "/", does: "find a patch", run: () => field.current?.focus() },
  ]);
  return (
    <>
      <h1 className="page-title">Board</h1>
      <Filters snapshot={snapshot} shown={shown.length} counts={counts} filter={filter}>
        <SpendTile store={store} />
      </Filters>
      <div className="board-tools">
        <input
          ref={field}
          type="search"
          className="search"
          placeholder="Find by title, author, repository, reason"
          aria-label="Find a patch"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") event.currentTarget.blur();
            if (event.key === "Enter") moveFocus(list.current, 1);
          }}
        />
      </div>
      <BoardNote snapshot={snapshot} isEmpty={rows.length === 0} isSearch={text !== ""} />
      <WindowedList
        rows={rows}
        heightOf={heightOf}
        keyOf={keyOf}
        place={list}
        onEnd={onEnd}
        draw={(row) =>
          row.kind === "heading" ? <Heading row={row} /> : <PatchRow patch={row.patch} />
        }
      />
    </>
  );
}

function Filters(props: {
  readonly snapshot: Snapshot;
  readonly shown: number;
  readonly counts: ReadonlyMap<GroupId, number>;
  readonly filter: string | undefined;
  readonly children: ReactNode;
}) {
  const { snapshot, shown, counts, filter, children } = props;
  return (
    <ul className="filters" aria-label="Patches by state">
      <li>
        <a href="#/board" aria-current={filter === undefined ? "true" : undefined}>
          <b>{shown}</b> {snapshot.hasOlder ? "Newest" : "All"}
        </a>
      </li>
      {groups.map(({ id, short, tone }) => (
        <li key={id}>
          <a
            href={`#/board/${id}`}
            data-tone={(counts.get(id) ?? 0) > 0 ? tone : undefined}
            aria-current={filter === id ? "true" : undefined}
          >
            <b>{counts.get(id) ?? 0}</b> {short}
          </a>
        </li>
      ))}
      <li>{children}</li>
    </ul>
  );
}

function BoardNote(props: {
  readonly snapshot: Snapshot;
  readonly isEmpty: boolean;
  readonly isSearch: boolean;
}) {
  const { snapshot, isEmpty, isSearch } = props;
  if (!isEmpty) return null;
  if (!snapshot.isLoaded) {
    return snapshot.fault ? (
      <Note title="The gateway does not answer" tone="bad">
        <p>{snapshot.fault}. It is asked again every few seconds.</p>
      </Note>
    ) : (
      <Note title="Reading patches…" />
    );
  }
  if (isSearch) return <Note title="No patch matches" />;
  return (
    <Note title="No patches here">
      <p>They appear as soon as one is submitted; nothing has to be reloaded.</p>
    </Note>
  );
}

function Heading({ row }: { readonly row: Extract<Row, { kind: "heading" }> }) {
  const title = groups.find(({ id }) => id === row.id)?.title ?? row.id;
  return (
    <h2 className="group-title">
      {title} <span>{row.count}</span>
    </h2>
  );
}

export function PatchRow({ patch }: { readonly patch: PatchLine }) {
  const { id, title, repository, author, why, kind, submittedAt } = patch;
  const where = [repository, author && `by ${author}`].filter(Boolean).join(" · ");
  return (
    <a className="row" href={patchAddress(id)} data-patch={id} data-kind={kind}>
      <span className="row-state">
        <StateChip kind={kind} />
      </span>
      <span className="row-text">
        <span className="row-title" title={title}>
          {title ?? id}
        </span>
        <span className="row-why" title={why}>
          {why ?? ""}
        </span>
      </span>
      <span className="row-where">{where}</span>
      <Progress kind={kind} />
      <When at={submittedAt} />
    </a>
  );
}

const steps = ["rendered", "compared", "audited", "landed", "watched", "settled"];

/** How far the patch has come, as six marks. */
function Progress({ kind }: { readonly kind: string }) {
  const { step, tone, label } = kindOf(kind);
  return (
    <span className="progress" data-tone={tone} title={`${label}: ${step} of ${steps.length}`}>
      {steps.map((name, at) => (
        <i key={name} data-on={at < step ? "" : undefined} />
      ))}
    </span>
  );
}

function matching(patches: readonly PatchLine[], text: string): readonly PatchLine[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return patches;
  return patches.filter(({ id, title, author, repository, externalId, why, kind }) => {
    const all = [id, title, author, repository, externalId, why, kindOf(kind).label];
    const said = all.join(" ").toLowerCase();
    return words.every((word) => said.includes(word));
  });
}

function countsOf(patches: readonly PatchLine[]): ReadonlyMap<GroupId, number> {
  const counts = new Map<GroupId, number>();
  for (const { kind } of patches) {
    const { group } = kindOf(kind);
    counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  return counts;
}

function rowsOf(
  patches: readonly PatchLine[],
  counts: ReadonlyMap<GroupId, number>,
  filter: string | undefined,
): readonly Row[] {
  const members = new Map<GroupId, Row[]>();
  for (const patch of patches) {
    const { group } = kindOf(patch.kind);
    const rows = members.get(group) ?? [];
    if (rows.length === 0) members.set(group, rows);
    rows.push({ kind: "patch", patch });
  }
  const wanted = groups.some(({ id }) => id === filter)
    ? groups.filter(({ id }) => id === filter)
    : groups;
  return wanted.flatMap(({ id }): Row[] => {
    const rows = members.get(id);
    return rows ? [{ kind: "heading", id, count: counts.get(id) ?? 0 }, ...rows] : [];
  });
}

/** To the next row from the one in focus; the list draws more as it is scrolled into view. */
function moveFocus(list: HTMLElement | null, by: 1 | -1): void {
  const rows = [...(list?.querySelectorAll<HTMLElement>("a.row") ?? [])];
  const at = rows.findIndex((row) => row === document.activeElement);
  const next = at === -1 ? rows[0] : rows[at + by];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}
