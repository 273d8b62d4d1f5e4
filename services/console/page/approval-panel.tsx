/** What people have to say before a held patch goes on: who may, who has, what is missing, and until when. */
import type { ApprovalProgress } from "@council/contracts";
import type { StepProgress } from "@council/domain";
import { useState } from "react";
import { ActDialog } from "./act-dialog.tsx";
import { type PatchDetail, patchPath } from "./api.ts";
import { useShortcuts } from "./keys.tsx";
import { useJson } from "./resource.ts";
import type { Store } from "./store.ts";
import { When } from "./when.tsx";

type Word = "approve" | "deny";

export function ApprovalPanel(props: { readonly detail: PatchDetail; readonly store: Store }) {
  const { detail, store } = props;
  // The feed tells that something was said, and the gateway what that comes to.
  const { resource } = useJson<PatchDetail>(store, patchPath(detail.id), {
    round: detail.sequence,
  });
  const { approval } = resource.kind === "ready" ? resource.value : detail;
  const [asked, setAsked] = useState<Word>();
  if (detail.kind !== "held" || !approval) return null;
  return (
    <section className="panel approval" aria-labelledby="approval-title">
      <div className="panel-head">
        <h2 id="approval-title">Approval</h2>
        {approval.expiresAt !== undefined && (
          <p className="soft">
            without an answer it is rejected <When at={approval.expiresAt} />
          </p>
        )}
      </div>
      {approval.beyond !== undefined && (
        <p className="approval-beyond">No approval helps: {approval.beyond}</p>
      )}
      <Steps approval={approval} />
      <Words isFutile={approval.beyond !== undefined} onAsk={setAsked} />
      {asked && (
        <ActDialog
          act={asked}
          path={`${patchPath(detail.id)}/${asked}`}
          subject={subjectOf(detail, approval)}
          store={store}
          onClose={() => setAsked(undefined)}
        />
      )}
    </section>
  );
}

function subjectOf({ id, title }: PatchDetail, { open }: ApprovalProgress): string {
  return open === undefined ? (title ?? id) : `${title ?? id}, step “${open}”`;
}

function Words(props: { readonly isFutile: boolean; readonly onAsk: (word: Word) => void }) {
  const { isFutile, onAsk } = props;
  useShortcuts([
    ...(isFutile
      ? []
      : [{ keys: "a", does: "approve the open step", run: () => onAsk("approve") }]),
    { keys: "d", does: "deny this patch", run: () => onAsk("deny") },
  ]);
  return (
    <div className="patch-acts">
      {!isFutile && (
        <button type="button" className="button is-primary" onClick={() => onAsk("approve")}>
          Approve <kbd>a</kbd>
        </button>
      )}
      <button type="button" className="button is-danger" onClick={() => onAsk("deny")}>
        Deny <kbd>d</kbd>
      </button>
    </div>
  );
}

function Steps({ approval }: { readonly approval: ApprovalProgress }) {
  const { steps, open, beyond } = approval;
  const shown = beyond === undefined ? steps : steps.filter(({ given }) => given.length > 0);
  if (shown.length === 0) return null;
  return (
    <ol className="steps">
      {shown.map((step) => (
        <Step key={step.name} step={step} isOpen={step.name === open && beyond === undefined} />
      ))}
    </ol>
  );
}

function Step({ step, isOpen }: { readonly step: StepProgress; readonly isOpen: boolean }) {
  const { name, needed, given } = step;
  const missing = needed - given.length;
  const mark = missing <= 0 ? "✓" : isOpen ? "●" : "○";
  const state = missing <= 0 ? "done" : isOpen ? "open" : "later";
  return (
    <li data-state={state} aria-current={isOpen ? "step" : undefined}>
      <p className="step-name">
        <span className="mark" aria-hidden="true">
          {mark}
        </span>
        <b>{name}</b>
        <span className="soft">
          {given.length} of {needed}
          {missing > 0 && ` · ${missing} more of ${askedIn(step)}`}
          {state === "later" && ", after the steps before"}
        </span>
      </p>
      {given.map(({ by, onBehalfOf, reason, at }) => (
        <p key={by} className="step-given">
          {by}
          {onBehalfOf !== undefined && ` for ${onBehalfOf}`}: {reason} · <When at={at} />
        </p>
      ))}
    </li>
  );
}

const askedIn = ({ operators, roles }: StepProgress) =>
  [...operators, ...(roles.length > 0 ? [`anybody with the role ${roles.join(" or ")}`] : [])].join(
    " or ",
  );
