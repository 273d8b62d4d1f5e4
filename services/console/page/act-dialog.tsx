/** Asks who acts and why, then sends it. What comes of it is seen in the timeline, not promised here. */
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { act as send, type PatchAction, token, TokenNeeded } from "./api.ts";
import { Field } from "./field.tsx";
import type { Store } from "./store.ts";

export type Act =
  | PatchAction
  | "hold"
  | "stop"
  | "lift"
  | "waive"
  | "end-waiver"
  | "release"
  | "pause"
  | "resume"
  | "drill-short"
  | "drill-comprehensive";

const words: Readonly<
  Record<Act, { readonly title: string; readonly does: string; readonly button: string }>
> = {
  pause: {
    title: "Pause landings",
    does: "Nothing lands until they are let go on; patches that are ready are held. Rollbacks never wait for this: they go on.",
    button: "Pause landings",
  },
  resume: {
    title: "Let landings go on",
    does: "Patches that were held by the pause land in their turn.",
    button: "Let them go on",
  },
  rollback: {
    title: "Roll this patch back",
    does: "It is reverted on every branch it is on, and the result is verified. Rollbacks go before all other work.",
    button: "Roll back",
  },
  hold: {
    title: "Hold this patch",
    does: "It lands no further until somebody lifts the hold. Rollbacks never wait for this: they go on.",
    button: "Hold",
  },
  stop: {
    title: "Stop something",
    does: "Nothing of it lands, is built or counted until somebody lifts the stop. Rollbacks never wait for this: they go on.",
    button: "Stop it",
  },
  waive: {
    title: "Waive a rule for a time",
    does: "What it finds there is shown as ever and holds nothing up. Hard rules have no waiver.",
    button: "Waive it",
  },
  "end-waiver": {
    title: "End this waiver",
    does: "What the rule finds counts again from the next round of votes on.",
    button: "End it",
  },
  release: {
    title: "Let this change come again",
    does: "A patch with the same change is no longer refused; it is audited like any other.",
    button: "Release",
  },
  lift: {
    title: "Lift this stop",
    does: "What it kept from landing goes on in its turn, if nothing else is in the way.",
    button: "Lift it",
  },
  approve: {
    title: "Approve this patch",
    does: "It counts for the open step; once none is open the patch goes on. Hard rules hold all the same.",
    button: "Approve",
  },
  deny: {
    title: "Deny this patch",
    does: "What has not landed is rejected; what has landed is taken back.",
    button: "Deny",
  },
  "drill-short": {
    title: "Run the short drill",
    does: "A Council of its own is started, broken on purpose and watched. Nothing of it reaches your branches or statistics; it takes about a minute of two cores.",
    button: "Run it",
  },
  "drill-comprehensive": {
    title: "Run every fault",
    does: "A Council of its own goes through every fault there is. Nothing of it reaches your branches or statistics; it takes some minutes of two cores.",
    button: "Run them",
  },
  withdraw: { title: "Withdraw this patch", does: "It will not land.", button: "Withdraw" },
};
const isGentle = (act: Act) =>
  ["approve", "resume", "hold", "lift", "release", "end-waiver"].includes(act) ||
  act.startsWith("drill-");
const actorName = "council-actor";

interface ActDialogProps {
  readonly act: Act;
  readonly path: string;
  /** What else is sent. */
  readonly more?: Readonly<Record<string, unknown>>;
  /** What it is done to. */
  readonly subject: string;
  /** Fields beside who and why. */
  readonly children?: ReactNode;
  readonly store: Store;
  readonly onClose: () => void;
}

export function ActDialog(props: ActDialogProps) {
  const { act, path, subject, store, onClose } = props;
  const place = useRef<HTMLDialogElement>(null);
  const key = useRef(crypto.getRandomValues(new Uint32Array(4)).join("-"));
  const [reason, setReason] = useState("");
  const [needsToken, setNeedsToken] = useState(() => token.read() === "");
  const who = useWho(store, needsToken);
  const [given, setGiven] = useState("");
  const [fault, setFault] = useState("");
  const [isSending, setSending] = useState(false);
  useEffect(() => place.current?.showModal(), []);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setSending(true);
    setFault("");
    who.keep();
    if (needsToken) store.giveToken(given);
    try {
      await send(path, { actor: who.actor, reason, ...props.more }, key.current);
      place.current?.close();
    } catch (error) {
      const isToken = error instanceof TokenNeeded;
      setNeedsToken(isToken || needsToken);
      setFault(isToken ? "The gateway does not accept this token." : String(error));
      setSending(false);
    }
  };
  const { title, does } = words[act];
  return (
    <dialog ref={place} className="dialog" aria-labelledby="act-title" onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <h2 id="act-title">{title}</h2>
        {subject && <p className="act-patch">{subject}</p>}
        <p>{does}</p>
        {props.children}
        {who.field}
        <Reason value={reason} onChange={setReason} />
        {needsToken && (
          <Field
            id="act-token"
            label="Operator token"
            value={given}
            onChange={setGiven}
            kind="password"
          />
        )}
        <p className="fault" role="alert">
          {fault}
        </p>
        <Buttons act={act} isSending={isSending} onCancel={() => place.current?.close()} />
      </form>
    </dialog>
  );
}

/** Whoever has a token of their own acts under its name; behind the shared one somebody says who acts. */
function useWho(store: Store, needsToken: boolean) {
  const { me } = store.snapshot();
  const [written, setWritten] = useState(() => sessionStorage.getItem(actorName) ?? "");
  const own = me && !me.isShared && !needsToken ? me : undefined;
  const field = own ? (
    <p className="act-as">
      As <b>{own.name}</b>, {own.roles.join(" and ")}
    </p>
  ) : (
    <Field
      id="actor"
      label="Who you are"
      value={written}
      onChange={setWritten}
      autoComplete="username"
    />
  );
  const keep = () => sessionStorage.setItem(actorName, written);
  return { actor: own?.name ?? written, field, keep };
}

function Buttons(props: {
  readonly act: Act;
  readonly isSending: boolean;
  readonly onCancel: () => void;
}) {
  const { act, isSending, onCancel } = props;
  return (
    <div className="dialog-actions">
      <button type="button" className="button" onClick={onCancel}>
        Cancel <kbd>Esc</kbd>
      </button>
      <button
        type="submit"
        className={isGentle(act) ? "button is-primary" : "button is-danger"}
        disabled={isSending}
      >
        {words[act].button} <kbd>↵</kbd>
      </button>
    </div>
  );
}

interface FieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function Reason({ value, onChange }: FieldProps) {
  return (
    <>
      <label htmlFor="reason">Why</label>
      <textarea
        id="reason"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        required
        maxLength={2000}
        rows={2}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey) return;
          event.preventDefault();
          event.currentTarget.form?.requestSubmit();
        }}
      />
    </>
  );
}
