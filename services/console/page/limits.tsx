/** The calendar and the quotas of each repository, and how much of them is used. */
import type { RepositoryLimits } from "@council/contracts";
import type { FreezeWindow } from "@council/domain";
import { Chip } from "./chip.tsx";
import { Note } from "./note.tsx";
import { span } from "./quantity.ts";
import { When } from "./when.tsx";

interface Props {
  readonly repositories: readonly RepositoryLimits[];
}

export function Freezes({ repositories }: Props) {
  const some = repositories.filter(({ freezes }) => freezes.length > 0);
  return (
    <section>
      <h2 className="group-title">Freezes</h2>
      {some.length === 0 && <Note title="No policy has a freeze window" />}
      {some.map(({ repository, freezes, frozen }) => (
        <div key={repository} className="limit-group">
          <p className="limit-name">
            <b>{repository}</b>{" "}
            {frozen ? (
              <>
                <Chip tone="warn" mark="❄" label="Frozen" /> {frozen.reason} · ends{" "}
                <When at={frozen.until} />
              </>
            ) : (
              <Chip tone="good" mark="✓" label="Not frozen now" />
            )}
          </p>
          <ul className="windows soft">
            {freezes.map((window) => (
              <li key={JSON.stringify(window)}>
                {timesOf(window)}, {window.timeZone}: {window.reason}
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

function timesOf(window: FreezeWindow): string {
  if (window.kind === "dated")
    return `${window.from.replace("T", " ")} to ${window.to.replace("T", " ")}`;
  return `${window.days.join(", ")} ${window.from} to ${window.to}`;
}

export function Quotas({ repositories }: Props) {
  return (
    <section>
      <h2 className="group-title">Quotas</h2>
      {repositories.map((each) => (
        <Quota key={each.repository} {...each} />
      ))}
    </section>
  );
}

function Quota({ repository, limits, authors }: RepositoryLimits) {
  const { landingsPerDay, emergenciesPerDay, quarantineReverts, quarantineWindowMs } = limits;
  return (
    <div className="limit-group">
      <p className="limit-name">
        <b>{repository}</b>{" "}
        <span className="soft">
          {limits.unlimited.length > 0 && `all but ${limits.unlimited.join(", ")}: `}
          {landingsPerDay} landings of one author within 24 hours, {emergenciesPerDay} more past it;{" "}
          {span(limits.cooldownMs)} of rest after a revert, and {quarantineReverts} reverts within{" "}
          {span(quarantineWindowMs)} stop them
        </span>
      </p>
      {authors.length === 0 ? (
        <p className="soft">Nobody has used any of it.</p>
      ) : (
        <div className="table" tabIndex={0} role="region" aria-label={`Quotas of ${repository}`}>
          <table>
            <thead>
              <tr>
                <th scope="col">Author</th>
                <th scope="col">Landed</th>
                <th scope="col">Emergencies</th>
                <th scope="col">Reverts</th>
                <th scope="col">Next may land</th>
              </tr>
            </thead>
            <tbody>
              {authors.map(({ author, landings, emergencies, reverts, waits }) => (
                <tr key={author} data-tone={waits ? "warn" : undefined}>
                  <th scope="row">{author}</th>
                  <td>
                    {landings} of {landingsPerDay}
                  </td>
                  <td>
                    {emergencies} of {emergenciesPerDay}
                  </td>
                  <td>
                    {reverts} of {quarantineReverts}
                  </td>
                  <td title={waits?.detail}>{waits ? <When at={waits.until} /> : "now"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
