/** What was paid for a patch, call by call, as the spend ledger has it. */
import { type PatchDetail, patchPath } from "./api.ts";
import { useJson } from "./resource.ts";
import type { Store } from "./store.ts";

export interface PaidCall {
  readonly at: number;
  readonly head: string;
  readonly model: string;
  /** `held`: what it can cost at most, until the provider reports. */
  readonly state: "held" | "settled" | "expired";
  readonly chargedMicroUsd: number;
}

/** Undefined until it is known, or when this gateway cannot tell. */
export function usePaidCalls(detail: PatchDetail, store: Store): readonly PaidCall[] | undefined {
  const { resource } = useJson<{ readonly calls: readonly PaidCall[] }>(
    store,
    `${patchPath(detail.id)}/spend`,
    { round: detail.sequence },
  );
  return resource.kind === "ready" ? resource.value.calls : undefined;
}

export const costOf = (calls: readonly PaidCall[]) =>
  calls.reduce((sum, { chargedMicroUsd }) => sum + chargedMicroUsd, 0);
