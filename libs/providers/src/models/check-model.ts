import { ModelError, type ModelListing } from "./model-api.ts";
import type { ModelClient } from "./model-client.ts";

/** What became of looking a model up at its endpoints. Dates in milliseconds since the epoch. */
export type ModelCheck =
  | { readonly kind: "available" }
  | { readonly kind: "retiring"; readonly shutdownAt: number }
  | { readonly kind: "absent"; readonly reason: string }
  | { readonly kind: "unchecked"; readonly reason: string };

/** A model that goes within this time should be replaced now. */
export const shutdownNoticeMs = 30 * 24 * 3600 * 1000;

const lookupTimeoutMs = 15_000;

/**
 * Whether every endpoint has the model, and for how long yet. Free of charge. `absent` means that an
 * endpoint said so, or that its date is past; an endpoint that cannot be asked leaves it `unchecked`.
 */
export async function checkModel(
  client: Pick<ModelClient, "endpoints" | "model">,
  now: number,
): Promise<ModelCheck> {
  const { model } = client;
  let worst: ModelCheck = { kind: "available" };
  for (const { name, api } of client.endpoints) {
    const found = await lookUp(() => api.find(model, AbortSignal.timeout(lookupTimeoutMs)));
    if (found.kind === "absent") return { kind: "absent", reason: `${name} has no ${model}` };
    if (found.kind === "unchecked") {
      if (worst.kind === "available") worst = { ...found, reason: `${name}: ${found.reason}` };
      continue;
    }
    const { shutdownAt } = found;
    if (shutdownAt === undefined || shutdownAt - now > shutdownNoticeMs) continue;
    const day = new Date(shutdownAt).toISOString().slice(0, 10);
    if (shutdownAt <= now) return { kind: "absent", reason: `${model} was shut down on ${day}` };
    const isSooner = worst.kind !== "retiring" || shutdownAt < worst.shutdownAt;
    if (isSooner) worst = { kind: "retiring", shutdownAt };
  }
  return worst;
}

async function lookUp(
  find: () => Promise<ModelListing>,
): Promise<ModelListing | { readonly kind: "unchecked"; readonly reason: string }> {
  try {
    return await find();
  } catch (error) {
    if (error instanceof ModelError) return { kind: "unchecked", reason: error.message };
    throw error;
  }
}
