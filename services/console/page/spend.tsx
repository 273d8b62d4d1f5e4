/** What the paid calls cost, against their caps; and the way to stop them, or let them go on. */
import type { SpendSum } from "@council/domain";
import { useState } from "react";
import { ask, TokenNeeded } from "./api.ts";
import { Caps, type SpendReport } from "./caps.tsx";
import { Note, ResourceNote } from "./note.tsx";
import { dollars } from "./quantity.ts";
import { useJson } from "./resource.ts";
import type { Store } from "./store.ts";

export function Spend({ store }: { readonly store: Store }) {
  const { resource, again, unlock } = useJson<SpendReport>(store, "/v1/spend", { everyMs: 5000 });
  return (
    <>
      {resource.kind !== "ready" && <h1 className="page-title">Spend</h1>}
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
      <div className="title-line">
        <h1 className="page-title">Spend</h1>
        <Switch isStopped={report.stop !== undefined} again={again} store={store} />
      </div>
      {suspended.map((suspension) => (
        <p key={JSON.stringify(suspension)} className="suspension">
          {suspension.reason}
        </p>
      ))}
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
    <div className="switch">
      <p className="fault" role="alert">
        {fault}
      </p>
      <button
        type="button"
        className={isStopped ? "button is-primary" : "button is-danger"}
        onClick={() => void turn()}
      >
        {isStopped ? "Let paid calls go on" : "Stop all paid calls"}
      </button>
    </div>
  );
}

function Sums({ title, sums }: { readonly title: string; readonly sums: readonly SpendSum[] }) {
  if (sums.length === 0) return null;
  const costs = sums.map(({ spentMicroUsd, heldMicroUsd }) => spentMicroUsd + heldMicroUsd);
  const most = Math.max(1, ...costs);
  return (
    <section>
      <h2 className="group-title">{title}, this month</h2>
      <div className="table" tabIndex={0} role="region" aria-label={title}>
        <table>
          <tbody>
            {sums.map(({ name, calls }, at) => (
              <tr key={name}>
                <th scope="row" className="sum-name">
                  {name}
                </th>
                <td className="share">
                  <i style={{ width: `${(100 * (costs[at] ?? 0)) / most}%` }} />
                </td>
                <td>{calls} calls</td>
                <td>{dollars(costs[at] ?? 0)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
