/** The line of drills: what is carried out now and what it says, what waits, and when the next is due. */
import { Note } from "./note.tsx";
import { When } from "./when.tsx";

interface DrillInLine {
  readonly id: string;
  readonly order: { readonly scope: string; readonly actor: string; readonly reason: string };
  readonly askedAt: number;
}

export interface DrillLine {
  readonly runners: number;
  readonly waiting: readonly DrillInLine[];
  readonly running?: DrillInLine & { readonly startedAt: number; readonly said: readonly string[] };
  readonly schedule?: { readonly cron: string; readonly nextAt: number };
}

export function DrillsUnderWay({ line }: { readonly line: DrillLine }) {
  const { runners, waiting, running, schedule } = line;
  return (
    <>
      {runners === 0 && (
        <Note title="Nobody carries drills out">
          <p>
            What is asked for waits until <code>council drill --serve</code> runs beside this
            Council.
          </p>
        </Note>
      )}
      {running && (
        <section className="drill-now" aria-label="The drill under way" aria-live="polite">
          <p>
            <b>{nameOf(running)}</b> began <When at={running.startedAt} />, asked for by{" "}
            {running.order.actor}: {running.order.reason}
          </p>
          <pre className="raw" tabIndex={0}>
            {running.said.length === 0
              ? "a Council of its own is being started …"
              : running.said.join("\n")}
          </pre>
        </section>
      )}
      {waiting.length > 0 && (
        <ul className="drills-waiting" aria-label="Drills that wait">
          {waiting.map((drill) => (
            <li key={drill.id}>
              <b>{nameOf(drill)}</b> waits since <When at={drill.askedAt} />, asked for by{" "}
              {drill.order.actor}: {drill.order.reason}
            </li>
          ))}
        </ul>
      )}
      {schedule && (
        <p className="soft">
          By the calendar (<code>{schedule.cron}</code>, UTC): next at{" "}
          {new Date(schedule.nextAt).toLocaleString()}
        </p>
      )}
    </>
  );
}

function nameOf({ order: { scope } }: DrillInLine): string {
  if (scope === "comprehensive") return "A drill of every fault";
  return scope === "short" ? "A short drill" : "A drill";
}
