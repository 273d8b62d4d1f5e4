/** How often two heads said the same, and what the seats together are worth. */
import type { CSSProperties } from "react";

/** What `GET /v1/heads` answers. */
export interface HeadsAnswer {
  /** Patches with votes that were looked at. */
  readonly rounds: number;
  readonly pairs: readonly HeadPair[];
  /** Absent while too little is known. */
  readonly effectiveVotes?: number;
  readonly method: string;
}

interface HeadPair {
  readonly heads: readonly [string, string];
  /** Rounds in which both approved or rejected. */
  readonly rounds: number;
  readonly agreementRatio: number;
  /** Of their approvals, -1 to 1; absent while one of them always said the same. */
  readonly correlation?: number;
}

export function Agreement({ pairs, effectiveVotes, rounds }: HeadsAnswer) {
  const names = [...new Set(pairs.flatMap(({ heads }) => heads))];
  if (names.length < 2) return null;
  return (
    <section aria-labelledby="agreement-title">
      <h2 id="agreement-title" className="group-title">
        Agreement, two by two <span>{rounds} audited patches</span>
      </h2>
      <div className="table is-matrix" tabIndex={0} role="region" aria-label="Agreement of heads">
        <table>
          <thead>
            <tr>
              <td />
              {names.slice(1).map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {names.slice(0, -1).map((row, at) => (
              <tr key={row}>
                <th scope="row">{row}</th>
                {names.slice(1).map((column, index) => (
                  <Cell key={column} pair={index < at ? undefined : pairOf(pairs, row, column)} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="soft prose">
        {effectiveVotes === undefined
          ? "How many independent votes the seats are worth is told once every two heads voted together twenty times and each has approved and rejected: heads that only ever approve together show nothing."
          : "Heads that always agree are worth one vote, however many they are: the number of seats is divided by how much their approvals go together. Where most changes are good, this is the least they are worth."}
      </p>
    </section>
  );
}

function pairOf(pairs: readonly HeadPair[], one: string, other: string): HeadPair | undefined {
  return pairs.find(({ heads }) => heads.includes(one) && heads.includes(other));
}

function Cell({ pair }: { readonly pair: HeadPair | undefined }) {
  if (!pair || pair.rounds === 0) return <td className="soft">–</td>;
  const { agreementRatio, rounds, correlation } = pair;
  const share = `${Math.round(agreementRatio * 100)}%`;
  return (
    <td
      title={correlation === undefined ? "one of them always said the same" : undefined}
      style={{ "--share": share } as CSSProperties}
    >
      <b>{share}</b>
      <span className="soft">
        {" "}
        of {rounds}
        {correlation === undefined ? "" : `, φ ${correlation.toFixed(2)}`}
      </span>
    </td>
  );
}
