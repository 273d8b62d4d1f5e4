import { useEffect, useState } from "react";
import type { PatchDetail } from "./api.ts";
import { type ChainCheck, checkChain } from "./check-chain.ts";

/** Whether the ledger of this patch holds together, worked out here. */
export function EvidenceChain({ detail }: { readonly detail: PatchDetail }) {
  const { timeline } = detail;
  const [check, setCheck] = useState<ChainCheck>();
  useEffect(() => {
    let isCurrent = true;
    void checkChain(timeline).then((found) => isCurrent && setCheck(found));
    return () => {
      isCurrent = false;
    };
  }, [timeline]);
  if (timeline.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="chain-title">
      <h2 id="chain-title">Evidence chain</h2>
      <p className="chain" data-tone={check?.kind === "broken" ? "bad" : "good"}>
        {sentenceOf(check)}
      </p>
      <ol className="links" aria-hidden="true">
        {timeline.slice(-48).map(({ sequence, digest, event }) => (
          <li key={sequence} title={`${sequence} ${event.type} ${digest}`} />
        ))}
      </ol>
    </section>
  );
}

function sentenceOf(check: ChainCheck | undefined): string {
  switch (check?.kind) {
    case undefined:
      return "Being checked…";
    case "intact":
      return `✓ ${check.count} entries, each holding the digest of the one before; recomputed in this browser. Head ${check.head.slice(0, 16)}…`;
    case "broken":
      return `✕ Entry ${check.sequence} does not fit: its digest, or the one it names, is another. Check the ledger offline.`;
    case "unable":
      return "Not checked here: browsers compute digests on HTTPS and loopback pages only.";
  }
}
