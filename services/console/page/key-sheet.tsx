import { useEffect, useRef } from "react";
import { activeShortcuts } from "./keys.tsx";

/** Every key that is answered where one is. */
export function KeySheet({ onClose }: { readonly onClose: () => void }) {
  const place = useRef<HTMLDialogElement>(null);
  const shortcuts = useRef(activeShortcuts()).current;
  useEffect(() => place.current?.showModal(), []);
  return (
    <dialog ref={place} className="dialog" aria-labelledby="keys-title" onClose={onClose}>
      <form method="dialog">
        <h2 id="keys-title">Keys</h2>
        <dl className="keys">
          {shortcuts.map(({ keys, does }) => (
            <div key={keys}>
              <dt>
                {keys.split(" ").map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
        <div className="dialog-actions">
          <button type="submit" className="button">
            Close <kbd>Esc</kbd>
          </button>
        </div>
      </form>
    </dialog>
  );
}
