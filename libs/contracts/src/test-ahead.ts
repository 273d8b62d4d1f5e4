import { z } from "zod";
import { gitIdSchema, sha256Schema } from "./patch-schema.ts";

/** Run the suite on the tree that these diffs make of the base, in their order, and keep what it says. */
export const testAheadSchema = z.strictObject({
  repository: z.string().min(1).max(200),
  base: gitIdSchema,
  diffs: z
    .array(z.strictObject({ patchId: z.string().min(1).max(200), diff: sha256Schema }))
    .min(1)
    .max(10),
});
export type TestAhead = z.infer<typeof testAheadSchema>;
