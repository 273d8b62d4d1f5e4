/**
 * How a patch is found by another system's name. The bus writes a key once and never moves it, so
 * the revisions of one external id form a chain: the name leads to the first revision and each
 * revision to the next. A submission claims its place at the end of the chain with an idempotency
 * key; of two that come at once one gets it, and the other looks again.
 */
import { randomInt } from "node:crypto";
import { type Bus } from "@council/bus";
import { partitionOfPatch, patchIdOf } from "@council/contracts";
import type { BusCall } from "./bounded-bus.ts";
import type { GuardedRepositories } from "./guarded-repositories.ts";
import { GatewayError } from "./problems.ts";

const suffixLength = 12;
const mostRevisions = 10_000;

export const externalKey = (repository: string, externalId: string) =>
  `ext:${repository}:${externalId}`;
export const nextKey = (patchId: string) => `next:${patchId}`;
/** Set for each accepted patch, so that it is known before the patch controller has taken it up. */
export const acceptedKey = (patchId: string) => `patch:${patchId}`;

export function newPatchId(partition: number): string {
  const letters = Array.from({ length: suffixLength }, () => randomInt(36).toString(36));
  return patchIdOf(partition, letters.join(""));
}

/** The newest revision under an external id; undefined when there is none. */
export async function newestRevision(
  bus: Bus,
  repository: string,
  externalId: string,
): Promise<string | undefined> {
  const partition = bus.partitionOf(repository);
  let newest = await bus.readKey(partition, externalKey(repository, externalId));
  for (let step = 0; newest !== undefined && step < mostRevisions; step += 1) {
    const next = await bus.readKey(partition, nextKey(newest));
    if (next === undefined || next === newest) return newest;
    newest = next;
  }
  return newest;
}

/** The partition a patch id names on this bus; undefined when the text is no patch id here. */
export function partitionOn(bus: Pick<Bus, "partitions">, patchId: string): number | undefined {
  const partition = partitionOfPatch(patchId);
  return partition !== undefined && partition < bus.partitions ? partition : undefined;
}

export interface PatchPlace {
  readonly id: string;
  readonly partition: number;
}

/**
 * Finds an accepted patch by its id or by its external id in any guarded repository; a bare number is
 * also tried as a pull request. Throws GatewayError `patch-unknown` or `patch-ambiguous`.
 */
export async function findPatch(
  deps: { readonly call: BusCall; readonly repositories: GuardedRepositories },
  name: string,
  field: string,
): Promise<PatchPlace> {
  const found = await deps.call(async (bus) => {
    const partition = partitionOn(bus, name);
    if (partition !== undefined) {
      const isKnown =
        (await bus.readKey(partition, acceptedKey(name))) ?? (await bus.readState(partition, name));
      return isKnown === undefined ? [] : [name];
    }
    const asked = deps.repositories.all.flatMap(({ config }) => {
      const project = config.forge?.project ?? config.github;
      return [
        newestRevision(bus, config.id, name),
        ...(project !== undefined && /^\d{1,12}$/.test(name)
          ? [newestRevision(bus, config.id, `${project}#${name}`)]
          : []),
      ];
    });
    const ids = await Promise.all(asked);
    return [...new Set(ids.filter((id) => id !== undefined))];
  });
  const [id, ...others] = found;
  if (id === undefined) {
    throw new GatewayError("patch-unknown", {
      field,
      detail: "no patch has this id or external id",
      remedy: "use the id the submission was answered with, or its externalId",
    });
  }
  if (others.length > 0) {
    throw new GatewayError("patch-ambiguous", {
      field,
      detail: `${found.length} patches in different repositories have this external id`,
      remedy: "use the patch id, or owner/name#number for a pull request",
    });
  }
  return { id, partition: partitionOfPatch(id) ?? 0 };
}
