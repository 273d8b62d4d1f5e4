/** The inboxes and how far behind they are, and what could not be handled. */
import { useState } from "react";
import { ask } from "./api.ts";
import { Note, ResourceNote } from "./note.tsx";
import { span } from "./quantity.ts";
import { useJson } from "./resource.ts";
import type { Store } from "./store.ts";
import { When } from "./when.tsx";

interface Depth {
  readonly inbox: string;
  readonly partition: number;
  readonly length: number;
  readonly pending: number;
  readonly lag?: number;
  readonly oldestPendingAgeMs: number;
}

interface DeadLetter {
  readonly id: string;
  readonly inbox: string;
  readonly payload: string;
  readonly error: string;
  readonly deliveryCount: number;
  readonly atMs: number;
}

/** Older than this, and the work of an inbox is late, milliseconds. */
const lateMs = 30_000;

export function Queue({ store }: { readonly store: Store }) {
  const queues = useJson<{ queues: readonly Depth[] }>(store, "/v1/queues", { everyMs: 2000 });
  const letters = useJson<{ deadLetters: readonly DeadLetter[] }>(store, "/v1/dead-letters", {
    everyMs: 5000,
  });
  if (queues.resource.kind !== "ready")
    return (
      <>
        <h1 className="page-title">Queue</h1>
        <ResourceNote
          resource={queues.resource}
          again={queues.again}
          unlock={queues.unlock}
          absent={<Note title="This gateway does not show its queues" />}
        />
      </>
    );
  return (
    <>
      <h1 className="page-title">Queue</h1>
      <Inboxes depths={queues.resource.value.queues} />
      <h2 className="group-title">Dead letters</h2>
      {letters.resource.kind === "ready" ? (
        <DeadLetters letters={letters.resource.value.deadLetters} again={letters.again} />
      ) : (
        <ResourceNote
          resource={letters.resource}
          again={letters.again}
          unlock={letters.unlock}
          absent={<Note title="This gateway does not show dead letters" />}
        />
      )}
    </>
  );
}

function Inboxes({ depths }: { readonly depths: readonly Depth[] }) {
  const inboxes = Map.groupBy(depths, ({ inbox }) => inbox);
  const sum = (own: readonly Depth[], of: (depth: Depth) => number) =>
    own.reduce((total, depth) => total + of(depth), 0);
  if (inboxes.size === 0) return <Note title="No inbox was written to yet" />;
  return (
    <div className="table" tabIndex={0} role="region" aria-label="Inboxes">
      <table>
        <thead>
          <tr>
            <th scope="col">Inbox</th>
            <th scope="col">Waiting</th>
            <th scope="col">In hand</th>
            <th scope="col">Unfinished</th>
            <th scope="col">Oldest</th>
          </tr>
        </thead>
        <tbody>
          {[...inboxes]
            .toSorted(([a], [b]) => a.localeCompare(b))
            .map(([inbox, own]) => {
              const oldest = Math.max(...own.map(({ oldestPendingAgeMs }) => oldestPendingAgeMs));
              const isUnknown = own.some(({ lag }) => lag === undefined);
              return (
                <tr key={inbox} data-tone={oldest > lateMs || isUnknown ? "warn" : undefined}>
                  <th scope="row">{inbox}</th>
                  <td>{isUnknown ? "unknown" : sum(own, ({ lag = 0 }) => lag)}</td>
                  <td>{sum(own, ({ pending }) => pending)}</td>
                  <td>{sum(own, ({ length }) => length)}</td>
                  <td>{oldest === 0 ? "–" : span(oldest)}</td>
                </tr>
              );
            })}
        </tbody>
      </table>
    </div>
  );
}

function DeadLetters(props: {
  readonly letters: readonly DeadLetter[];
  readonly again: () => void;
}) {
  const { letters, again } = props;
  const [fault, setFault] = useState("");
  const redrive = async ({ inbox, id }: DeadLetter) => {
    setFault("");
    try {
      await ask("/v1/dead-letters/redrive", { method: "POST", body: { inbox, id } });
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
    again();
  };
  if (letters.length === 0) return <Note title="No dead letters: every message could be handled" />;
  return (
    <>
      <p className="fault" role="alert">
        {fault}
      </p>
      <ul className="letters">
        {letters.map((letter) => (
          <li key={`${letter.inbox} ${letter.id}`}>
            <div className="letter-head">
              <b>{letter.inbox}</b>
              <span className="soft">{letter.deliveryCount} tries</span>
              <When at={letter.atMs} />
              <button type="button" className="button" onClick={() => void redrive(letter)}>
                Send again
              </button>
            </div>
            <p>{letter.error}</p>
            <details>
              <summary>The message</summary>
              <pre className="raw" tabIndex={0}>
                {letter.payload}
              </pre>
            </details>
          </li>
        ))}
      </ul>
    </>
  );
}
