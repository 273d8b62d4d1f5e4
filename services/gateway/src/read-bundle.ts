/** `GET /v1/patches/:id/bundle`: all that is needed to check a patch's history offline. */
import type { Bus } from "@council/bus";
import type { EvidenceBundle } from "@council/contracts";
import type { PatchPlace } from "./patch-names.ts";
import { GatewayError } from "./problems.ts";
import { readPatch } from "./read-patches.ts";

/** Throws GatewayError `patch-unknown` while nothing of the patch is in the ledger, or not all of it. */
export async function readBundle(bus: Bus, place: PatchPlace): Promise<EvidenceBundle> {
  const { timeline, isTruncated } = await readPatch(bus, place);
  const last = timeline.at(-1);
  if (!last || isTruncated) {
    throw new GatewayError("patch-unknown", {
      field: "id",
      detail: "the ledger does not hold the whole history of this patch",
      remedy: "ask again once it is taken up; what was trimmed cannot be had again",
    });
  }
  const digests = timeline.flatMap(({ event }) =>
    event.type === "AuditStarted" ? [event.candidate.diff] : [],
  );
  const diffs = await Promise.all(
    [...new Set(digests)].map(async (digest) => {
      const bytes = await bus.readBlob(place.partition, digest);
      return [digest, (bytes ?? Buffer.alloc(0)).toString("base64")] as const;
    }),
  );
  return {
    v: 1,
    patchId: place.id,
    chainHead: last.digest,
    entries: timeline.map((entry) => ({ ...entry })),
    diffs: Object.fromEntries(diffs),
  };
}
