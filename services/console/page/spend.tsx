/** What the paid calls cost, against their caps; and the way to stop them, or let them go on. */
import type { SpendStop, SpendSum, Suspension } from "@council/domain";
import { useState } from "react";
import { ask, TokenNeeded } from "./api.ts";
import { Note, ResourceNote } from "./note.tsx";
import { dollars, quantity } from "./quantity.ts";
import { useJson } from "./resource.ts";
import type { Store } from "./store.ts";
import { When } from "./when.tsx";

interface WindowReport {
  readonly cap: string;
  readonly limitMicroUsd: number | null;
  readonly heldMicroUsd: number;
  readonly spentMicroUsd: number;
  readonly resetAt: number;
  readonly usedRatio?: number;
  readonly burnRate?: number;
  readonly projectedMicroUsd?: number;
}

interface SpendReport {
  readonly mode: string;
  readonly suspended: readonly Suspension[];
  readonly stop?: SpendStop;
  readonly windows: readonly WindowReport[];
  readonly heads: readonly WindowReport[];
  readonly month: Readonly<Record<"head" | "model" | "repository", readonly SpendSum[]>>;
}

export function Spend({ store }: { readonly store: Store }) {
  const { resource, again, unlock } = useJson<SpendReport>(store, "/v1/spend", { everyMs: 5000 });
  return (
    <>
      <h1 className="page-title">Spend</h1>
      {resource.kind === "ready" ? (
        <Report report={resource.value} again={again} store={store} />
      ) : (
        <ResourceNote
          resource={resource}
          again={again}
          unlock={unlock}
          absent={<Note title="This gateway keeps no account of spending" />}
        />
      )}
    </>
  );
}

function Report(props: {
  readonly report: SpendReport;
  readonly again: () => void;
  readonly store: Store;
}) {
  const { report, again, store } = props;
  const { windows, heads, month, suspended } = report;
  const isUnspent = Object.values(month).every((sums) => sums.length === 0);
  return (
    <>
      {suspended.map((suspension) => (
        <p key={JSON.stringify(suspension)} className="suspension">
          {suspension.reason}
        </p>
      ))}
      <Switch isStopped={report.stop !== undefined} again={again} store={store} />
      <h2 className="group-title">Caps</h2>
      <Caps reports={[...windows, ...heads]} />
      {isUnspent && <Note title="Nothing was spent this month" />}
      <Sums title="By head" sums={month.head} />
      <Sums title="By model" sums={month.model} />
      <Sums title="By repository" sums={month.repository} />
    </>
  );
}

function Switch(props: {
  readonly isStopped: boolean;
  readonly again: () => void;
  readonly store: Store;
}) {
  const { isStopped, again, store } = props;
  const [fault, setFault] = useState("");
  const turn = async () => {
    setFault("");
    try {
      await ask(isStopped ? "/resume" : "/emergency_stop", { method: "POST" });
    } catch (error) {
      if (error instanceof TokenNeeded) await store.askForToken(false);
      else setFault(error instanceof Error ? error.message : String(error));
    }
    again();
  };
  return (
    <>
      <button
        type="button"
        className={isStopped ? "button is-primary" : "button is-danger"}
        onClick={() => void turn()}
      >
        {isStopped ? "Let paid calls go on" : "Stop all paid calls"}
      </button>
      <p className="fault" role="alert">
        {fault}
      </p>
    </>
  );
}

function Caps({ reports }: { readonly reports: readonly WindowReport[] }) {
  return (
    <div className="table" tabIndex={0} role="region" aria-label="Caps">
      <table>
        <thead>
          <tr>
            <th scope="col">Cap</th>
            <th scope="col">Spent</th>
            <th scope="col">Held</th>
            <th scope="col">Limit</th>
            <th scope="col">Used</th>
            <th scope="col">Burn</th>
            <th scope="col">Projected</th>
            <th scope="col">Resets</th>
          </tr>
        </thead>
        <tbody>
          {reports.map((report) => (
            <tr key={report.cap} data-tone={toneOf(report.usedRatio)}>
              <th scope="row">{report.cap}</th>
              <td>{dollars(report.spentMicroUsd)}</td>
              <td>{dollars(report.heldMicroUsd)}</td>
              <td>{report.limitMicroUsd === null ? "none" : dollars(report.limitMicroUsd)}</td>
              <td>{quantity(report.usedRatio, "ratio")}</td>
              <td>{report.burnRate === undefined ? "–" : `${report.burnRate.toFixed(2)} ×`}</td>
              <td>
                {report.projectedMicroUsd === undefined ? "–" : dollars(report.projectedMicroUsd)}
              </td>
              <td>
                <When at={report.resetAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function toneOf(usedRatio = 0): "bad" | "warn" | undefined {
  if (usedRatio >= 0.9) return "bad";
  return usedRatio >= 0.75 ? "warn" : undefined;
}

function Sums({ title, sums }: { readonly title: string; readonly sums: readonly SpendSum[] }) {
  if (sums.length === 0) return null;
  return (
    <section>
      <h2 className="group-title">{title}, this month</h2>
      <div className="table" tabIndex={0} role="region" aria-label={title}>
        <table>
          <tbody>
            {sums.map(({ name, calls, spentMicroUsd, heldMicroUsd }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{calls} calls</td>
                <td>{dollars(spentMicroUsd + heldMicroUsd)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
