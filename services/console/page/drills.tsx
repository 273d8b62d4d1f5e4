/** Whether the net holds: drills asked for, under way and done, and the rules that none has proven. */
import { useState } from "react";
import { ActDialog } from "./act-dialog.tsx";
import { Chip } from "./chip.tsx";
import { DrillsUnderWay, type DrillLine } from "./drills-under-way.tsx";
import { useShortcuts } from "./keys.tsx";
import { Note, ResourceNote } from "./note.tsx";
import { quantity, span } from "./quantity.ts";
import { useJson } from "./resource.ts";
import { Figure } from "./rollbacks.tsx";
import type { Store } from "./store.ts";
import { When } from "./when.tsx";
import type { Tone } from "./words.ts";

interface Times {
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

interface DrillReportLine {
  readonly digest: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly outcome: "passed" | "deviated" | "aborted";
  readonly isComprehensive: boolean;
  readonly faults: readonly string[];
  readonly summary: {
    readonly deviated: number;
    readonly harmless: {
      readonly runs: number;
      readonly takenBack: number;
      readonly upperBoundRatio: number;
    };
    readonly detectionMs?: Times;
    readonly revertMs?: Times;
    readonly recoveryMs?: Times;
  };
}

interface DrillsAnswer {
  readonly chain: {
    readonly kind: string;
    readonly count?: number;
    readonly file?: string;
    readonly reason?: string;
  };
  readonly repositories: readonly {
    readonly id: string;
    readonly kind: "proven" | "unproven";
    readonly drilledAt?: number;
    readonly reason?: string;
  }[];
  readonly reports: readonly DrillReportLine[];
  readonly line: DrillLine;
}

const scopes = ["short", "comprehensive"] as const;
type Scope = (typeof scopes)[number];
const everyMs = 2000;

export function Drills({ store }: { readonly store: Store }) {
  const { resource, again, unlock } = useJson<DrillsAnswer>(store, "/v1/drills", { everyMs });
  const [asked, setAsked] = useState<Scope>();
  useShortcuts([
    { keys: "d", does: "run the short drill", run: () => setAsked("short") },
    { keys: "D", does: "run the comprehensive drill", run: () => setAsked("comprehensive") },
  ]);
  const close = () => {
    setAsked(undefined);
    again();
  };
  return (
    <>
      <h1 className="page-title">Drills</h1>
      {resource.kind === "ready" ? (
        <Answer answer={resource.value} onAsk={setAsked} />
      ) : (
        <ResourceNote
          resource={resource}
          again={again}
          unlock={unlock}
          absent={<Note title="This gateway does not show drills" />}
        />
      )}
      {asked && (
        <ActDialog
          act={`drill-${asked}`}
          path="/v1/drills"
          subject=""
          more={{ scope: asked }}
          store={store}
          onClose={close}
        />
      )}
    </>
  );
}

function Answer({
  answer,
  onAsk,
}: {
  readonly answer: DrillsAnswer;
  readonly onAsk: (scope: Scope) => void;
}) {
  const { chain, repositories, reports, line } = answer;
  const unproven = repositories.filter(({ kind }) => kind === "unproven").length;
  const newest = reports[0];
  return (
    <>
      <dl className="figures">
        <Figure
          name="Repositories whose rules are unproven"
          value={`${unproven} of ${repositories.length}`}
        />
        <Figure name="Drills on record" value={String(reports.length)} />
        <Figure name="Detected, p95" value={timeOf(newest?.summary.detectionMs)} />
        <Figure name="Taken back, p95" value={timeOf(newest?.summary.revertMs)} />
        <Figure name="Recovered, p95" value={timeOf(newest?.summary.recoveryMs)} />
      </dl>
      <p className="drill-actions">
        <button type="button" className="button is-primary" onClick={() => onAsk("short")}>
          Run the short drill <kbd>d</kbd>
        </button>
        <button type="button" className="button" onClick={() => onAsk("comprehensive")}>
          Run every fault <kbd>⇧d</kbd>
        </button>
      </p>
      <DrillsUnderWay line={line} />
      {chain.kind !== "intact" && (
        <Note title="The reports cannot be trusted: their chain is broken" tone="bad">
          <p>
            {chain.file}: {chain.reason}
          </p>
        </Note>
      )}
      <h2 className="group-title">Repositories</h2>
      <Proofs repositories={repositories} />
      <h2 className="group-title">Reports</h2>
      {reports.length === 0 ? (
        <Note title="No drill is on record yet" />
      ) : (
        <Reports reports={reports} />
      )}
    </>
  );
}

const timeOf = (times: Times | undefined) => (times ? span(times.p95) : "–");

function Proofs({ repositories }: Pick<DrillsAnswer, "repositories">) {
  return (
    <div className="table" tabIndex={0} role="region" aria-label="Repositories">
      <table className="is-text">
        <thead>
          <tr>
            <th scope="col">Repository</th>
            <th scope="col">Its rules</th>
            <th scope="col">Drilled</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {repositories.map(({ id, kind, drilledAt, reason }) => (
            <tr key={id} data-tone={kind === "proven" ? undefined : "warn"}>
              <th scope="row">{id}</th>
              <td>
                {kind === "proven" ? (
                  <Chip tone="good" mark="✓" label="Proven" />
                ) : (
                  <Chip tone="warn" mark="!" label="Unproven" />
                )}
              </td>
              <td>
                <When at={drilledAt} />
              </td>
              <td>{reason ?? "every fault came out as it must"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const outcomes: Readonly<Record<DrillReportLine["outcome"], readonly [Tone, string, string]>> = {
  passed: ["good", "✓", "Passed"],
  deviated: ["bad", "✕", "Deviated"],
  aborted: ["idle", "–", "Not carried out"],
};

function Reports({ reports }: Pick<DrillsAnswer, "reports">) {
  return (
    <div className="table" tabIndex={0} role="region" aria-label="Reports">
      <table>
        <thead>
          <tr>
            <th scope="col">Drill</th>
            <th scope="col">Outcome</th>
            <th scope="col">Not as due</th>
            <th scope="col">Harmless taken back</th>
            <th scope="col">Detected</th>
            <th scope="col">Taken back</th>
            <th scope="col">Recovered</th>
            <th scope="col">Ended</th>
          </tr>
        </thead>
        <tbody>
          {reports.map(({ digest, endedAt, outcome, isComprehensive, faults, summary }) => {
            const [tone, mark, label] = outcomes[outcome];
            const { harmless, detectionMs, revertMs, recoveryMs } = summary;
            return (
              <tr key={digest}>
                <th scope="row" title={digest}>
                  {isComprehensive ? "every fault" : faults.join(", ")}
                </th>
                <td>
                  <Chip tone={tone} mark={mark} label={label} />
                </td>
                <td>
                  {summary.deviated} of {faults.length}
                </td>
                <td title="with the one-sided 95 % bound">
                  {harmless.takenBack} of {harmless.runs}, ≤{" "}
                  {quantity(harmless.upperBoundRatio, "ratio")}
                </td>
                <td title="median / 95th percentile">{bothOf(detectionMs)}</td>
                <td title="median / 95th percentile">{bothOf(revertMs)}</td>
                <td title="median / 95th percentile">{bothOf(recoveryMs)}</td>
                <td>
                  <When at={endedAt} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

const bothOf = (times: Times | undefined) =>
  times ? `${span(times.p50)} / ${span(times.p95)}` : "–";
