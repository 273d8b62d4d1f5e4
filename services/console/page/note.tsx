import type { ReactNode } from "react";
import type { Resource } from "./resource.ts";

/** An empty, loading or failed place, in one calm sentence. */
export function Note(props: {
  readonly title: string;
  readonly children?: ReactNode;
  readonly tone?: "bad";
}) {
  return (
    <div className="note" data-tone={props.tone} role={props.tone ? "alert" : undefined}>
      <p className="note-title">{props.title}</p>
      {props.children}
    </div>
  );
}

/** The note for whatever is not ready. */
export function ResourceNote(props: {
  readonly resource: Exclude<Resource<unknown>, { kind: "ready" }>;
  readonly absent: ReactNode;
  readonly again: () => void;
  readonly unlock: () => void;
}) {
  const { resource } = props;
  switch (resource.kind) {
    case "loading":
      return <Note title="Reading…" />;
    case "absent":
      return <>{props.absent}</>;
    case "locked":
      return (
        <Note title="This needs the operator token">
          <p>It is kept in this tab only, until the tab is closed.</p>
          <button type="button" className="button" onClick={props.unlock}>
            Give the token
          </button>
        </Note>
      );
    case "failed":
      return (
        <Note title="This could not be read" tone="bad">
          <p>{resource.reason}</p>
          <button type="button" className="button" onClick={props.again}>
            Try again
          </button>
        </Note>
      );
  }
}
