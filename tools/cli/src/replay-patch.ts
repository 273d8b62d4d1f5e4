/** Computes a patch's story again from its ledger, and compares it with what the gateway shows. */
import { isDeepStrictEqual } from "node:util";
import type { EvidenceBundle, PatchDetail } from "@council/contracts";
import { evolve, type PatchEvent, type PatchState } from "@council/domain";
import { verifyBundle } from "./verify-bundle.ts";

export type ReplayOutcome =
  | { readonly kind: "equal"; readonly entries: number; readonly state: string }
  | { readonly kind: "different"; readonly differences: readonly string[] };

const shownParts = [
  "base",
  "comparison",
  "verdict",
  "votes",
  "landings",
  "reverts",
  "cause",
  "rebases",
] as const;

/** Pure. Both have to be of the same moment: the bundle ends with the newest entry of `detail`. */
export function replayPatch(bundle: EvidenceBundle, detail: PatchDetail): ReplayOutcome {
  const outcome = verifyBundle(bundle);
  if (outcome.kind === "broken") return { kind: "different", differences: outcome.faults };
  const state = bundle.entries.reduce<PatchState | undefined>(
    (before, { event }) => evolve(before, event as PatchEvent),
    undefined,
  );
  const differences = [
    ...(state?.kind === detail.kind
      ? []
      : [`state: the ledger gives ${state?.kind}, the gateway shows ${detail.kind}`]),
    ...shownParts
      .filter((part) => !isDeepStrictEqual(asSent(state?.[part]), asSent(detail.dossier?.[part])))
      .map((part) => `${part}: the gateway shows something else than the ledger gives`),
  ];
  if (differences.length > 0) return { kind: "different", differences };
  return { kind: "equal", entries: outcome.entries, state: outcome.state };
}

/** What is left of a value that went through JSON. */
const asSent = (value: unknown): unknown =>
  value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown);
