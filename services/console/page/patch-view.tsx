/** One patch: why it is where it is, what it changes, how the heads voted, and everything that happened. */
import { useState } from "react";
import { ActDialog, type Act } from "./act-dialog.tsx";
import type { PatchDetail } from "./api.ts";
import { StateChip } from "./chip.tsx";
import { DiffSection } from "./diff-section.tsx";
import { EvidenceChain } from "./evidence-chain.tsx";
import { EvidenceSection } from "./evidence-section.tsx";
import { useShortcuts } from "./keys.tsx";
import { Note, ResourceNote } from "./note.tsx";
import { Facts } from "./patch-facts.tsx";
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
  return (
    <article className="patch" data-kind={detail.kind}>
      <BackLink />
      <Header detail={detail} store={store} />
      <WhyCard detail={detail} known={known} />
      <div className="patch-columns">
        <div className="patch-main">
          <EvidenceSection detail={detail} known={known} store={store} />
          <DiffSection id={detail.id} known={known} sequence={detail.sequence} />
        </div>
        <div className="patch-side">
          <Votes known={known} state={state} />
          <Facts detail={detail} known={known} />
          <Timeline detail={detail} />
          <EvidenceChain detail={detail} />
        </div>
      </div>
    </article>
  );
}

function Header({ detail, store }: { readonly detail: PatchDetail; readonly store: Store }) {
  const { id, title, repository, targetBranch, author, submittedAt, kind } = detail;
  const [open, setOpen] = useState<Act>();
  const acts = actsFor(kind);
  const start = (act: Act) => {
    if (acts.includes(act)) setOpen(act);
  };
  useShortcuts([
    ...(acts.includes("rollback")
      ? [{ keys: "r", does: "roll this patch back", run: () => start("rollback") }]
      : []),
    ...(acts.includes("approve")
      ? [{ keys: "a", does: "approve this patch", run: () => start("approve") }]
      : []),
    ...(acts.includes("withdraw")
      ? [{ keys: "w", does: "withdraw this patch", run: () => start("withdraw") }]
      : []),
  ]);
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
        {acts.includes("approve") && (
          <button type="button" className="button" onClick={() => start("approve")}>
            Approve <kbd>a</kbd>
          </button>
        )}
        {acts.includes("withdraw") && (
          <button type="button" className="button" onClick={() => start("withdraw")}>
            Withdraw <kbd>w</kbd>
          </button>
        )}
        {acts.includes("rollback") && (
          <button type="button" className="button is-danger" onClick={() => start("rollback")}>
            Roll back <kbd>r</kbd>
          </button>
        )}
      </div>
      {open && (
        <ActDialog act={open} detail={detail} store={store} onClose={() => setOpen(undefined)} />
      )}
    </header>
  );
}

/** What a person can ask for in this state. The patch controller decides; this only leaves out the futile. */
function actsFor(kind: PatchDetail["kind"]): readonly Act[] {
  switch (kind) {
    case "held":
      return ["approve", "withdraw", "rollback"];
    case "landing":
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
