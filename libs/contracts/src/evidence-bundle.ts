import { z } from "zod";
import { sha256Schema } from "./patch-schema.ts";

/**
 * Everything needed to check a patch's history offline, except the public keys: whoever checks brings
 * those, or the bundle would vouch for itself. Entries are checked by their digests, not by a schema.
 */
export const evidenceBundleSchema = z.strictObject({
  v: z.literal(1),
  patchId: z.string().min(1).max(200),
  /** Digest of the last entry. */
  chainHead: sha256Schema,
  entries: z
    .array(
      z.looseObject({
        patchId: z.string(),
        sequence: z.number().int(),
        at: z.number(),
        event: z.looseObject({ type: z.string() }),
      }),
    )
    .min(1)
    .max(100_000),
  /** Base64 of every diff that was voted on, by its SHA-256. */
  diffs: z.record(sha256Schema, z.string()),
});
export type EvidenceBundle = z.infer<typeof evidenceBundleSchema>;
