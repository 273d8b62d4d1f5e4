/** How a patch that cannot be taken back by itself can be: what goes first, and both sides where it meets later work. */
import { useState } from "react";
import type { BranchPlan, ConflictSides, RevertPlanAnswer } from "@council/contracts";
import { ActDialog } from "./act-dialog.tsx";
import { type PatchDetail, patchPath } from "./api.ts";
import { useShortcuts } from "./keys.tsx";
import { Note, ResourceNote } from "./note.tsx";
import { useJson } from "./resource.ts";
import { patchAddress } from "./route.ts";
import type { Store } from "./store.ts";
import { short } from "./words.ts";

export function RevertPlan({
  detail,
  store,
}: {
  readonly detail: PatchDetail;
  readonly store: Store;
}) {
  const { resource, again, unlock } = useJson<RevertPlanAnswer>(
    store,
    `${patchPath(detail.id)}/revert-plan`,
    { round: detail.sequence },
  );
  return (
    <section className="panel" aria-labelledby="revert-plan-title">
      <h2 id="revert-plan-title">How it can be taken back</h2>
      {resource.kind === "ready" ? (
        <Plan plan={resource.value} store={store} />
      ) : (
        <>
          <ResourceNote
            resource={resource}
            again={again}
            unlock={unlock}
            absent={<Note title="Nothing of it is on a branch" />}
          />
          <BlockedBy detail={detail} />
        </>
      )}
    </section>
  );
}

/** What the controller ran into, from the ledger: there also while no plan can be made. */
function BlockedBy({ detail: { timeline } }: { readonly detail: PatchDetail }) {
  const blocked = timeline.findLast(({ event }) => event.type === "RevertBlocked")?.event;
  if (blocked?.type !== "RevertBlocked") return null;
  return blocked.hunks.map(({ branch, path, ours, before }, at) => (
    // Two places of one file may read the same; their order is what tells them apart.
    <Sides key={`${at} ${path}`} hunk={{ path, why: `on ${branch}`, ours, theirs: before }} />
  ));
}

function Plan({ plan, store }: { readonly plan: RevertPlanAnswer; readonly store: Store }) {
  const { patch, needsPerson, patches, branches } = plan;
  return (
    <>
      {needsPerson && <Together plan={plan} store={store} />}
      {needsPerson && (
        <p>
          {patches.map((id, at) => (
            <span key={id}>
              {at > 0 && ", then "}
              {id === patch ? "this one" : <a href={patchAddress(id)}>{id}</a>}
            </span>
          ))}
          .
        </p>
      )}
      {branches.map((branch) => (
        <Branch key={branch.branch} branch={branch} patch={patch} />
      ))}
    </>
  );
}

/** Where all of them are Council's patches they go by one word; else a person has to work first. */
function Together({ plan, store }: { readonly plan: RevertPlanAnswer; readonly store: Store }) {
  const { patch, branches } = plan;
  const isByHand = branches.some((branch) => branch.plan.kind === "by-hand");
  const [isAsked, setAsked] = useState(false);
  const ask = () => setAsked(true);
  useShortcuts(isByHand ? [] : [{ keys: "R", does: "roll it back with what is on it", run: ask }]);
  if (isByHand) return <p>A person has to work out what is in the way; then, in this order:</p>;
  return (
    <>
      <div className="patch-acts">
        <button type="button" className="button is-danger" onClick={ask}>
          Roll them back together <kbd>R</kbd>
        </button>
      </div>
      <p>Newest first, each once the one before it is reverted:</p>
      {isAsked && (
        <ActDialog
          act="rollback"
          path={`${patchPath(patch)}/rollback`}
          subject={plan.patches.join(", ")}
          more={{ withDependents: true }}
          store={store}
          onClose={() => setAsked(false)}
        />
      )}
    </>
  );
}

const said: Readonly<Record<BranchPlan["plan"]["kind"], string>> = {
  alone: "goes by itself now",
  together: "goes only with others, in this order",
  "by-hand": "needs work by hand",
  "already-reverted": "is taken back already",
  "not-landed": "is not on it",
};

function Branch({
  branch: { branch, plan, hunks, head },
  patch,
}: {
  readonly branch: BranchPlan;
  readonly patch: string;
}) {
  const steps = "steps" in plan ? plan.steps : [];
  return (
    <div className="branch-plan">
      <p>
        <code title={head}>{branch}</code>: it {said[plan.kind]}
        {"reason" in plan && `: ${plan.reason}`}
      </p>
      {steps.length > 0 && (
        <ol className="plan-steps">
          {steps.map(({ commit, patchId, title, author, because }) => (
            <li key={commit}>
              <p>
                <code title={commit}>{short(commit)}</code>{" "}
                {patchId === undefined || patchId === patch ? (
                  <b>{title}</b>
                ) : (
                  <a href={patchAddress(patchId)}>{title}</a>
                )}{" "}
                <span className="soft">by {author}</span>
              </p>
              <p className="soft">{because}</p>
            </li>
          ))}
        </ol>
      )}
      {hunks.map((hunk, at) => (
        <Sides key={`${at} ${hunk.path}`} hunk={hunk} />
      ))}
    </div>
  );
}

function Sides({ hunk: { path, why, ours, theirs } }: { readonly hunk: ConflictSides }) {
  return (
    <div className="sides" role="group" aria-label={`Both sides in ${path}`}>
      <p className="sides-path">
        <code>{path}</code> <span className="soft">{why.replace("-", " ")}</span>
      </p>
      <Side title="On the branch now" text={ours} />
      <Side title="The revert would put" text={theirs} />
    </div>
  );
}

function Side({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <div className="side">
      <h3>{title}</h3>
      {text === "" ? (
        <p className="soft">nothing</p>
      ) : (
        <pre className="raw" tabIndex={0} aria-label={title}>
          {text}
        </pre>
      )}
    </div>
  );
}
