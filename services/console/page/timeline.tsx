/** Everything that happened to a patch, with the time between; each entry opens to the facts it holds. */
import type { LedgerEntry } from "@council/contracts";
import type { PatchDetail } from "./api.ts";
import { span } from "./quantity.ts";
import { describe } from "./words.ts";

export function Timeline({ detail }: { readonly detail: PatchDetail }) {
  const { timeline, isTruncated } = detail;
  return (
    <section className="panel" aria-labelledby="timeline-title">
      <h2 id="timeline-title">Timeline</h2>
      {timeline.length === 0 && (
        <p className="soft">Accepted; the patch controller has not taken it up yet.</p>
      )}
      <ol className="timeline">
        {timeline.map((entry, at) => (
          <Entry key={entry.sequence} entry={entry} before={timeline[at - 1]} />
        ))}
      </ol>
      {isTruncated && <p className="soft">Older entries are no longer in the ledger.</p>}
    </section>
  );
}

function Entry(props: { readonly entry: LedgerEntry; readonly before: LedgerEntry | undefined }) {
  const { entry, before } = props;
  const { what, more, tone } = describe(entry.event);
  const date = new Date(entry.at);
  const since = before ? `+${span(entry.at - before.at)}` : date.toLocaleTimeString();
  return (
    <li data-tone={tone}>
      <details>
        <summary>
          <span className="what">{what}</span>
          <time dateTime={date.toISOString()} title={date.toLocaleString()}>
            {since}
          </time>
          {more && <span className="more">{more}</span>}
        </summary>
        <pre className="raw" tabIndex={0}>
          {JSON.stringify(entry, undefined, 2)}
        </pre>
      </details>
    </li>
  );
}
