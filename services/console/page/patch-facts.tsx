/** What is known of a patch beside the story: variance, tier, commits, names. */
import type { ReactNode } from "react";
import type { PatchDetail } from "./api.ts";
import type { Known } from "./use-patch.ts";
import { patchAddress } from "./route.ts";
import { short, varianceText } from "./words.ts";

type Fact = readonly [name: string, value: ReactNode];

export function Facts(props: { readonly detail: PatchDetail; readonly known: Known | undefined }) {
  const facts = [
    ...candidateFacts(props.known),
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

function candidateFacts(known: Known | undefined): Fact[] {
  const { comparison, renders, rebases } = known ?? {};
  const facts: Fact[] = [];
  const made = [renders?.a, renders?.b].flatMap((render) =>
    render ? [`${render.slot.toUpperCase()} by ${render.provider}`] : [],
  );
  if (made.length > 0) facts.push(["Renders", made.join(", ")]);
  if (comparison) facts.push(["A/B variance", varianceText(comparison)]);
  if (comparison?.kind === "compared") {
    const { candidate, critical } = comparison;
    facts.push(
      ["Divergences", critical.join("; ")],
      ["Tier", candidate.tier],
      ["Risk", candidate.riskTags.join(", ")],
    );
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
