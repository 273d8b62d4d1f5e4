/**
 * Looks at the forges for what no delivery told: forges do not repeat a delivery that was lost. What was
 * changed lately and is not known at its head is taken in as if it had been delivered; what is no longer open
 * is withdrawn. Several gateways may look at once: a head found is one delivery, whoever finds it (P1).
 */
import { changeName, changeNumber, partitionOfPatch, type StoredPatch } from "@council/contracts";
import type { PatchStateKind } from "@council/domain";
import type { Change, Forge } from "@council/forge";
import type { Guarded } from "./guarded-repositories.ts";
import { newestRevision } from "./patch-names.ts";
import { listPatches } from "./read-patches.ts";
import { sha256 } from "./take-patch.ts";
import { takeProposal, type TakingPulls, withdrawClosed } from "./take-pull.ts";

export interface Reconciling extends TakingPulls {
  /** Changes that were not touched for longer are old acquaintances, not lost deliveries; milliseconds. */
  readonly lookBackMs: number;
}

export interface Reconciled {
  readonly taken: readonly string[];
  readonly withdrawn: readonly string[];
}

/** Nothing has landed yet, and something may. */
const pending: readonly PatchStateKind[] = ["rendering", "comparing", "auditing", "held"];
const mostPending = 500;

/** One look at one repository; nothing to do where it has no forge. Throws ForgeError and GatewayError. */
export async function reconcileChanges(deps: Reconciling, guarded: Guarded): Promise<Reconciled> {
  const forge = deps.forges(guarded.config.id);
  if (forge === undefined) return { taken: [], withdrawn: [] };
  const open = await forge.listOpen();
  const since = deps.clock() - deps.lookBackMs;
  const taken: string[] = [];
  for (const change of open) {
    if (change.updatedAt < since || (await isKnown(deps, guarded, forge, change))) continue;
    const id = await takeFound(deps, guarded, forge, change);
    if (id !== undefined) taken.push(id);
  }
  return { taken, withdrawn: await withdrawGone(deps, guarded, forge, open) };
}

async function isKnown(
  { call }: Reconciling,
  { config }: Guarded,
  { project }: Forge,
  { number, head }: Change,
): Promise<boolean> {
  return await call(async (bus) => {
    const id = await newestRevision(bus, config.id, changeName(project, number));
    if (id === undefined) return false;
    const stored = await bus.readState(partitionOfPatch(id) ?? 0, id);
    // Accepted and not yet taken up: the next look will know its head.
    return !stored || (JSON.parse(stored.value) as StoredPatch).state.patch.head === head;
  });
}

async function takeFound(
  deps: Reconciling,
  guarded: Guarded,
  { kind, project }: Forge,
  { number, head, targetBranch, title, author }: Change,
): Promise<string | undefined> {
  const deliveryId = `found-${number}-${head}`;
  const delivery = { sender: kind, deliveryId, bodyDigest: sha256(`${project} ${deliveryId}`) };
  const event = {
    kind: "pull-request",
    isAskingAnew: false,
    repository: project,
    number,
    baseBranch: targetBranch,
    title: title.trim().slice(0, 200).toWellFormed() || changeName(project, number),
    author: author.slice(0, 200),
  } as const;
  const taken = await takeProposal(deps, guarded, event, delivery);
  return taken === undefined || taken.duplicate ? undefined : taken.id;
}

/** A change that is not in the listing is looked at itself: the listing is bounded, and may be older. */
async function withdrawGone(
  deps: Reconciling,
  guarded: Guarded,
  forge: Forge,
  open: readonly Change[],
): Promise<string[]> {
  const listed = new Set(open.map(({ number }) => number));
  const withdrawn: string[] = [];
  for (const kind of pending) {
    const page = await deps.call((bus) => listPatches(bus, { limit: mostPending, kind }));
    for (const { id, repository, externalId } of page.patches) {
      const number = changeNumber(forge.project, externalId);
      if (repository !== guarded.config.id || number === undefined || listed.has(number)) continue;
      if ((await forge.readChange(number)).state !== "closed") continue;
      const name = changeName(forge.project, number);
      await withdrawClosed(deps, guarded, { name, key: `closed:${id}` });
      withdrawn.push(id);
    }
  }
  return withdrawn;
}
