/** What is known of a patch beside the story: variance, tier, commits, names. */
import type { ReactNode } from "react";
import type { PatchDetail } from "./api.ts";
import type { Known } from "./use-patch.ts";
import { costOf, type PaidCall } from "./paid-calls.ts";
import { dollars } from "./quantity.ts";
import { patchAddress } from "./route.ts";
import { short, varianceText } from "./words.ts";

type Fact = readonly [name: string, value: ReactNode];

export function Facts(props: {
  readonly detail: PatchDetail;
  readonly known: Known | undefined;
  readonly calls: readonly PaidCall[] | undefined;
  /** Tier and risk stand in the change report. */
  readonly hasReport: boolean;
}) {
  const facts = [
    ...candidateFacts(props.known, props.hasReport),
    ...costFacts(props.calls),
    ...branchFacts(props.known),
    ...names(props.detail),
  ];
  const said = facts.filter(([, value]) => value !== undefined && value !== "");
  if (said.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="facts-title">
      <h2 id="facts-title">Facts</h2>
      <dl className="facts">
        {said.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function costFacts(calls: readonly PaidCall[] | undefined): Fact[] {
  if (!calls) return [];
  if (calls.length === 0) return [["Cost", "no paid calls"]];
  const held = calls.filter(({ state }) => state === "held");
  const open = held.length > 0 ? `, ${dollars(costOf(held))} of it held` : "";
  const count = calls.length === 1 ? "1 paid call" : `${calls.length} paid calls`;
  return [["Cost", `${dollars(costOf(calls))} in ${count}${open}`]];
}

function candidateFacts(known: Known | undefined, hasReport: boolean): Fact[] {
  const { comparison, renders, rebases } = known ?? {};
  const facts: Fact[] = [];
  const made = [renders?.a, renders?.b].flatMap((render) =>
    render ? [`${render.slot.toUpperCase()} by ${render.provider}`] : [],
  );
  if (made.length > 0) facts.push(["Renders", made.join(", ")]);
  if (comparison) facts.push(["A/B variance", varianceText(comparison)]);
  if (comparison?.kind === "compared") {
    const { candidate, critical } = comparison;
    facts.push(["Divergences", critical.join("; ")]);
    if (!hasReport) facts.push(["Tier", candidate.tier], ["Risk", candidate.riskTags.join(", ")]);
  }
  if (rebases) facts.push(["Audited anew", `${rebases} times, because the branch moved`]);
  return facts;
}

function branchFacts(known: Known | undefined): Fact[] {
  const at = ({ branch, commit }: { readonly branch: string; readonly commit: string }) => (
    <code title={commit}>
      {branch} {short(commit)}
    </code>
  );
  return [
    ...(known?.landings ?? []).map((landing): Fact => [`Landed, ${landing.stage}`, at(landing)]),
    ...(known?.reverts ?? []).map((revert): Fact => [
      `Reverted, ${revert.restored}: ${revert.branch}`,
      at(revert),
    ]),
  ];
}

function names({ externalId, supersedes, auditHash }: PatchDetail): Fact[] {
  return [
    ["External id", externalId],
    ["Replaces", supersedes && <a href={patchAddress(supersedes)}>{supersedes}</a>],
    ["Audit hash", auditHash && <code title={auditHash}>{auditHash.slice(0, 20)}</code>],
  ];
}
