/** One patch: why it is where it is, what it changes, how the heads voted, and everything that happened. */
import { useState } from "react";
import { ActDialog } from "./act-dialog.tsx";
import { type PatchAction, type PatchDetail, patchPath } from "./api.ts";
import { ChangeReportPanel } from "./change-report.tsx";
import { StateChip } from "./chip.tsx";
import { useComparison } from "./comparison.ts";
import { DiffSection } from "./diff-section.tsx";
import { EvidenceChain } from "./evidence-chain.tsx";
import { EvidenceSection } from "./evidence-section.tsx";
import { useShortcuts } from "./keys.tsx";
import { Note, ResourceNote } from "./note.tsx";
import { Facts } from "./patch-facts.tsx";
import { usePaidCalls } from "./paid-calls.ts";
import { go } from "./route.ts";
import type { Store } from "./store.ts";
import { Timeline } from "./timeline.tsx";
import { type Known, stateOf, usePatch } from "./use-patch.ts";
import { Votes } from "./votes.tsx";
import { When } from "./when.tsx";
import { WhyCard } from "./why-card.tsx";

export function PatchView({ id, store }: { readonly id: string; readonly store: Store }) {
  const { resource, again } = usePatch(id, store);
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
  const calls = usePaidCalls(detail, store);
  const change = report.kind === "ready" ? report.value.change : undefined;
  return (
    <article className="patch" data-kind={detail.kind}>
      <BackLink />
      <Header detail={detail} known={known} store={store} />
      <WhyCard detail={detail} known={known} store={store} />
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

const actKeys: Readonly<
  Record<PatchAction, { readonly label: string; readonly keys: string; readonly does: string }>
> = {
  approve: { label: "Approve", keys: "a", does: "approve this patch" },
  withdraw: { label: "Withdraw", keys: "w", does: "withdraw this patch" },
  rollback: { label: "Roll back", keys: "r", does: "roll this patch back" },
};

function Header(props: {
  readonly detail: PatchDetail;
  readonly known: Known | undefined;
  readonly store: Store;
}) {
  const { detail, known, store } = props;
  const { id, title, repository, targetBranch, author, submittedAt, kind } = detail;
  const [open, setOpen] = useState<PatchAction>();
  const acts = actsFor(kind, (known?.landings.length ?? 0) > 0);
  useShortcuts(acts.map((act) => ({ ...actKeys[act], run: () => setOpen(act) })));
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
      <div className="patch-acts">
        {acts.map((act) => (
          <button
            key={act}
            type="button"
            className={act === "rollback" ? "button is-danger" : "button"}
            onClick={() => setOpen(act)}
          >
            {actKeys[act].label} <kbd>{actKeys[act].keys}</kbd>
          </button>
        ))}
      </div>
      {open && (
        <ActDialog
          act={open}
          path={`${patchPath(id)}/${open}`}
          subject={title ?? id}
          store={store}
          onClose={() => setOpen(undefined)}
        />
      )}
    </header>
  );
}

/** What a person can ask for in this state. The patch controller decides; this only leaves out the futile. */
function actsFor(kind: PatchDetail["kind"], hasLanded: boolean): readonly PatchAction[] {
  switch (kind) {
    case "held":
      return ["approve", hasLanded ? "rollback" : "withdraw"];
    case "landing":
      return hasLanded ? ["rollback"] : ["withdraw", "rollback"];
    case "watching":
    case "settled":
    case "revert-blocked":
      return ["rollback"];
    case "accepted":
    case "submitted":
    case "rendering":
    case "comparing":
    case "auditing":
      return ["withdraw"];
    default:
      return [];
  }
}
