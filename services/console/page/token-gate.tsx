import { type FormEvent, useEffect, useRef } from "react";
import type { Store } from "./store.ts";

/** Asks for the operator token. It goes into this tab's session and nowhere else. */
export function TokenGate(props: { readonly store: Store; readonly isRefused: boolean }) {
  const { store, isRefused } = props;
  const place = useRef<HTMLDialogElement>(null);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => place.current?.showModal(), []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    store.giveToken(field.current?.value ?? "");
  };
  return (
    <dialog
      ref={place}
      className="dialog"
      aria-labelledby="gate-title"
      onClose={() => store.closeGate()}
    >
      <form onSubmit={submit}>
        <h2 id="gate-title">The operator token is needed</h2>
        <p>It is kept in this tab only, until the tab is closed.</p>
        <label htmlFor="token">Operator token</label>
        <input ref={field} id="token" type="password" autoComplete="off" required />
        <p className="fault" role="alert">
          {isRefused ? "The gateway does not accept this token." : ""}
        </p>
        <div className="dialog-actions">
          <button type="submit" className="button is-primary">
            Continue
          </button>
        </div>
      </form>
    </dialog>
  );
}
