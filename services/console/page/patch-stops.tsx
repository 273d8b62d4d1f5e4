/** What people keep a patch from landing with: its own hold, and the stop of its author or repository. */
import { scopeWords, type Stop, stopSentence } from "@council/domain";
import type { PatchDetail } from "./api.ts";
import { viewAddress } from "./route.ts";
import { type StopsRead, stopsOf } from "./use-stops.ts";
import { When } from "./when.tsx";

/** The reason a patch is held for is such a stop, and need not be said twice. */
export function isSaidByStop(detail: PatchDetail, stops: StopsRead): boolean {
  const { hold, wider } = stopsOf(detail, stops);
  return [hold, wider].some((stop) => stop !== undefined && stopSentence(stop) === detail.why);
}

export function PatchStops(props: { readonly detail: PatchDetail; readonly stops: StopsRead }) {
  const { hold, wider } = stopsOf(props.detail, props.stops);
  return (
    <>
      {hold && <Standing title="On hold" stop={hold} />}
      {wider && <Standing title={`Stopped: ${scopeWords(wider.scope)}`} stop={wider} isWider />}
    </>
  );
}

function Standing(props: {
  readonly title: string;
  readonly stop: Stop;
  readonly isWider?: boolean;
}) {
  const { title, stop, isWider } = props;
  return (
    <section className="why" data-tone="warn" aria-label={title}>
      <h2>{title}</h2>
      <p className="why-sentence">{stop.reason}</p>
      <p className="why-foot">
        <StopSaid stop={stop} /> · it lands no further meanwhile; a rollback goes on as ever.
        {isWider && <a href={viewAddress("stops")}> All stops</a>}
      </p>
    </section>
  );
}

/** Who has stopped it, since when, and when it ends by itself. */
export function StopSaid({
  stop: { actor, since, until },
}: {
  readonly stop: Pick<Stop, "actor" | "since" | "until">;
}) {
  return (
    <>
      {actor}, <When at={since} />
      {until !== undefined && " · ends "}
      {until !== undefined && <When at={until} />}
    </>
  );
}
