/** How the heads do, from the ledger of the newest patches. */
import type { LedgerEntry } from "@council/contracts";
import { useEffect, useState } from "react";
import { readPatch } from "./api.ts";
import { type HeadRecord, recordHeads } from "./head-record.ts";
import { Note } from "./note.tsx";
import { Agreement, type HeadsAnswer } from "./agreement.tsx";
import { quantity, span } from "./quantity.ts";
import { useJson } from "./resource.ts";
import { Figure } from "./rollbacks.tsx";
import type { Snapshot, Store } from "./store.ts";
import { When } from "./when.tsx";

const mostPatches = 40;
const atOnce = 4;

export function Heads({ snapshot, store }: { readonly snapshot: Snapshot; readonly store: Store }) {
  const timelines = useTimelines(snapshot, store);
  const { heads, patches } = recordHeads(timelines ?? []);
  const { resource } = useJson<HeadsAnswer>(store, "/v1/heads", { everyMs: 10_000 });
  const independence = resource.kind === "ready" ? resource.value : undefined;
  return (
    <>
      <h1 className="page-title">Heads</h1>
      {heads.length === 0 ? (
        <Note title={timelines ? "No patch was audited yet" : "Reading the ledger…"}>
          <p>Every seat of the quorum shows here with its first vote.</p>
        </Note>
      ) : (
        <>
          <dl className="figures">
            <Figure name="Seats" value={String(heads.length)} />
            <Figure name="Audited patches looked at" value={String(patches)} />
            <Figure
              name="Votes they are worth"
              value={independence?.effectiveVotes?.toFixed(1) ?? "not known"}
            />
          </dl>
          <HeadTable heads={heads} />
          {independence && <Agreement {...independence} />}
        </>
      )}
    </>
  );
}

function HeadTable({ heads }: { readonly heads: readonly HeadRecord[] }) {
  return (
    <div className="table" tabIndex={0} role="region" aria-label="Heads">
      <table>
        <thead>
          <tr>
            <th scope="col">Head</th>
            <th scope="col">
              <span className="unseen">Votes by verdict</span>
            </th>
            <th scope="col">Voted</th>
            <th scope="col">Approved</th>
            <th scope="col">Rejected</th>
            <th scope="col">Abstained</th>
            <th scope="col">Refused</th>
            <th scope="col">Median</th>
            <th scope="col">p95</th>
            <th scope="col">With the verdict</th>
            <th scope="col">Last vote</th>
          </tr>
        </thead>
        <tbody>
          {heads.map((head) => (
            <tr key={head.head} data-tone={head.voted < head.asked ? "warn" : undefined}>
              <th scope="row">{head.head}</th>
              <td className="vote-bar">
                <VoteBar {...head} />
              </td>
              <td>
                {head.voted} of {head.asked}
              </td>
              <td>{head.approved}</td>
              <td>{head.rejected}</td>
              <td>{head.abstained}</td>
              <td>{head.refused}</td>
              <td>{head.medianMs === undefined ? "–" : span(head.medianMs)}</td>
              <td>{head.p95Ms === undefined ? "–" : span(head.p95Ms)}</td>
              <td>{quantity(head.agreement, "ratio")}</td>
              <td>
                <When at={head.lastVoteAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What it said, as shares of what it was asked; the numbers stand beside it. */
function VoteBar({ asked, approved, abstained, rejected }: HeadRecord) {
  const parts = [
    ["good", approved],
    ["warn", abstained],
    ["bad", rejected],
  ] as const;
  return (
    <span className="meter" aria-hidden="true">
      {parts.map(([tone, count]) => (
        <i
          key={tone}
          data-tone={tone}
          style={{ width: `${(100 * count) / Math.max(1, asked)}%` }}
        />
      ))}
    </span>
  );
}

/** The timelines of the newest patches, read a few at a time and kept up by the feed. */
function useTimelines(
  { patches, isLoaded }: Snapshot,
  store: Store,
): readonly (readonly LedgerEntry[])[] | undefined {
  const [timelines, setTimelines] = useState<ReadonlyMap<string, readonly LedgerEntry[]>>();
  const wanted = patches.slice(0, mostPatches).map(({ id }) => id);
  const names = wanted.join(" ");
  useEffect(() => {
    const leaving = new AbortController();
    const queue = [...wanted];
    const found = new Map<string, readonly LedgerEntry[]>();
    const work = async () => {
      for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
        const patch = await readPatch(id, leaving.signal).catch(() => undefined);
        if (patch) found.set(id, patch.timeline);
      }
    };
    if (isLoaded)
      void Promise.all(Array.from({ length: atOnce }, work)).then(
        () => leaving.signal.aborted || setTimelines(new Map(found)),
      );
    return () => leaving.abort();
    // The ids stand in `names`; the list itself is new with every event.
  }, [names, isLoaded]);
  useEffect(
    () =>
      store.onEntry((entry) =>
        setTimelines((before) => {
          const own = before?.get(entry.patchId);
          if (!before || (own?.at(-1)?.sequence ?? 0) >= entry.sequence) return before;
          return new Map(before).set(entry.patchId, [...(own ?? []), entry]);
        }),
      ),
    [store],
  );
  return timelines && [...timelines.values()];
}
