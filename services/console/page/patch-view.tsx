/** One patch: why it is where it is, what it changes, how the heads voted, and everything that happened. */
import { useEffect } from "react";
import type { PatchDetail } from "./api.ts";
import { ApprovalPanel } from "./approval-panel.tsx";
import { ChangeReportPanel } from "./change-report.tsx";
import { StateChip } from "./chip.tsx";
import { useComparison } from "./comparison.ts";
import { DiffSection } from "./diff-section.tsx";
import { EvidenceChain } from "./evidence-chain.tsx";
import { EvidenceSection } from "./evidence-section.tsx";
import { useShortcuts } from "./keys.tsx";
import { Note, ResourceNote } from "./note.tsx";
import { PatchActs } from "./patch-acts.tsx";
import { Facts } from "./patch-facts.tsx";
import { isSaidByStop, PatchStops } from "./patch-stops.tsx";
import { usePaidCalls } from "./paid-calls.ts";
import { RevertPlan } from "./revert-plan.tsx";
import { go } from "./route.ts";
import type { Store } from "./store.ts";
import { Timeline } from "./timeline.tsx";
import { type StopsRead, useStops } from "./use-stops.ts";
import { type Known, stateOf, usePatch } from "./use-patch.ts";
import { Votes } from "./votes.tsx";
import { When } from "./when.tsx";
import { WhyCard } from "./why-card.tsx";

export function PatchView(props: {
  readonly id: string;
  /** A section to be led to: `approval`, `revert-plan`, `votes`, `timeline`. */
  readonly part: string | undefined;
  readonly store: Store;
}) {
  const { id, part, store } = props;
  const { resource, again } = usePatch(id, store);
  const isReady = resource.kind === "ready";
  useEffect(() => {
    if (isReady && part !== undefined) document.getElementById(`${part}-title`)?.scrollIntoView();
  }, [isReady, part]);
  useShortcuts([{ keys: "Escape", does: "back to the board", run: () => go("#/board") }]);
  if (resource.kind === "ready") return <Patch detail={resource.value} store={store} />;
  return (
    <>
      <BackLink />
      <ResourceNote
        resource={resource}
        again={again}
        unlock={() => void store.askForToken(false).then(again)}
        absent={<Note title="There is no patch of this id" />}
      />
    </>
  );
}

function BackLink() {
  return (
    <a className="back" href="#/board">
      ← Board <kbd>Esc</kbd>
    </a>
  );
}

function Patch({ detail, store }: { readonly detail: PatchDetail; readonly store: Store }) {
  const state = stateOf(detail);
  const known: Known | undefined = state ?? detail.dossier;
  const compared = known?.comparison?.kind === "compared" ? known.comparison : undefined;
  const report = useComparison(detail.id, compared?.report);
  const stops = useStops(store);
  const calls = usePaidCalls(detail, store);
  const change = report.kind === "ready" ? report.value.change : undefined;
  return (
    <article className="patch" data-kind={detail.kind}>
      <BackLink />
      <Header detail={detail} known={known} stops={stops} store={store} />
      <PatchStops detail={detail} stops={stops} />
      {!isSaidByStop(detail, stops) && <WhyCard detail={detail} known={known} store={store} />}
      <ApprovalPanel detail={detail} store={store} />
      {detail.kind === "revert-blocked" && <RevertPlan detail={detail} store={store} />}
      <div className="patch-columns">
        <div className="patch-main">
          <EvidenceSection detail={detail} known={known} store={store} />
          <DiffSection id={detail.id} known={known} sequence={detail.sequence} report={report} />
        </div>
        <div className="patch-side">
          <Votes known={known} state={state} calls={calls} />
          {change && <ChangeReportPanel report={change} />}
          <Facts detail={detail} known={known} calls={calls} hasReport={change !== undefined} />
          <Timeline detail={detail} />
          <EvidenceChain detail={detail} />
        </div>
      </div>
    </article>
  );
}

function Header(props: {
  readonly detail: PatchDetail;
  readonly known: Known | undefined;
  readonly stops: StopsRead;
  readonly store: Store;
}) {
  const { detail, known, stops, store } = props;
  const { id, title, repository, targetBranch, author, submittedAt, kind } = detail;
  const hasLanded = (known?.landings.length ?? 0) > 0;
  return (
    <header className="patch-head">
      <div className="patch-name">
        <h1>{title ?? id}</h1>
        <p className="about">
          <StateChip kind={kind} />
          <span>{[repository, targetBranch].filter(Boolean).join(" → ")}</span>
          {author && <span>by {author}</span>}
          <When at={submittedAt} />
          <code title={id}>{id}</code>
        </p>
      </div>
      <PatchActs detail={detail} hasLanded={hasLanded} stops={stops} store={store} />
    </header>
  );
}
