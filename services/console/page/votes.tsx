/** The votes, dissent first: what speaks against a patch is never below what speaks for it. */
import type { Finding, PatchState, Vote } from "@council/domain";
import { Chip } from "./chip.tsx";
import { costOf, type PaidCall } from "./paid-calls.ts";
import { dollars } from "./quantity.ts";
import type { Known } from "./use-patch.ts";
import type { Tone } from "./words.ts";

const order: readonly Vote["verdict"][] = ["reject", "abstain", "approve"];
const shown: Readonly<
  Record<Vote["verdict"], { readonly label: string; readonly tone: Tone; readonly mark: string }>
> = {
  approve: { label: "Approves", tone: "good", mark: "✓" },
  reject: { label: "Rejects", tone: "bad", mark: "✕" },
  abstain: { label: "Abstains", tone: "warn", mark: "–" },
};

export function Votes(props: {
  readonly known: Known | undefined;
  readonly state: PatchState | undefined;
  readonly calls: readonly PaidCall[] | undefined;
}) {
  const { known, state, calls } = props;
  const round = state?.kind === "auditing" ? state.round : undefined;
  const cast = round?.phase === "revealing" ? round.votes : (known?.votes ?? []);
  const sorted = cast.toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  const open = round?.seats.filter(({ head }) => !cast.some((vote) => vote.head === head)) ?? [];
  const { verdict } = known ?? {};
  return (
    <section className="panel" aria-labelledby="votes-title">
      <h2 id="votes-title">Votes</h2>
      {verdict && (
        <p className="verdict" data-kind={verdict.kind}>
          <b>{verdict.kind}</b> {verdict.reason.detail}
        </p>
      )}
      {sorted.length === 0 && open.length === 0 && <p className="soft">No votes yet.</p>}
      <ul className="votes">
        {sorted.map((vote) => (
          <li key={vote.head}>
            <div className="vote-line">
              <b>{vote.head}</b>
              <VoteCost head={vote.head} calls={calls} />
              <Chip {...shown[vote.verdict]} />
            </div>
            {vote.rebound !== undefined && (
              <p className="soft">
                Carried over: the base moved, and the change means what it meant.
              </p>
            )}
            {vote.findings.map((finding, at) => (
              <FindingLine key={at} finding={finding} />
            ))}
          </li>
        ))}
        {open.map(({ head }) => {
          const isSealed = round && Object.hasOwn(round.seals, head);
          return (
            <li key={head}>
              <div className="vote-line">
                <b>{head}</b>
                <Chip
                  tone={isSealed ? "flight" : "idle"}
                  mark={isSealed ? "●" : "○"}
                  label={isSealed ? "Sealed" : "Awaited"}
                />
              </div>
            </li>
          );
        })}
      </ul>
      {open.length > 0 && <p className="soft">Votes stay sealed until all seats have voted.</p>}
    </section>
  );
}

/** What the head was paid for this patch; nothing for a head that costs nothing. */
function VoteCost(props: {
  readonly head: string;
  readonly calls: readonly PaidCall[] | undefined;
}) {
  const own = (props.calls ?? []).filter(({ head }) => head === props.head);
  if (own.length === 0) return null;
  const models = [...new Set(own.map(({ model }) => model))].join(", ");
  return (
    <span className="vote-cost" title={`${own.length} paid calls, ${models}`}>
      {dollars(costOf(own))}
    </span>
  );
}

function FindingLine({ finding }: { readonly finding: Finding }) {
  const { ruleId, isHard, path, line, message, remedy } = finding;
  return (
    <p className="finding" data-hard={isHard ? "" : undefined}>
      {isHard && <b>Veto. </b>}
      {message}
      {path && (
        <code>
          {path}
          {line === undefined ? "" : `:${line}`}
        </code>
      )}
      <span className="soft">
        {" "}
        {ruleId}
        {remedy ? ` · ${remedy}` : ""}
      </span>
    </p>
  );
}
