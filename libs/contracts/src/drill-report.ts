/** What a drill says of itself. Reports are chained: each holds the digest of the one before. */
import { z } from "zod";

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);
const msSchema = z.number().int().min(0);
const textSchema = z.string().max(20_000);

const runSchema = z.strictObject({
  id: textSchema,
  fault: textSchema,
  repeat: z.number().int().min(1),
  patchId: textSchema,
  stage: z.enum(["canary", "target"]),
  submittedAt: msSchema,
  /** When the fault began; absent when the patch never came so far. */
  struckAt: msSchema.exactOptional(),
  revertStartedAt: msSchema.exactOptional(),
  restedAt: msSchema.exactOptional(),
  ending: textSchema,
  ruleId: textSchema.exactOptional(),
  metric: textSchema.exactOptional(),
  why: textSchema.exactOptional(),
  /** Canary samples of the deciding metric when it was decided. */
  canarySamples: z.number().int().min(0).exactOptional(),
  /** How the evidence of harm grew: milliseconds of the watch, and a multiple of what a breach needs. */
  trail: z
    .array(z.tuple([msSchema, z.number().min(0)]))
    .max(60)
    .exactOptional(),
  refusedDeliveries: z.number().int().min(1).exactOptional(),
  /** From the fault to the decision. */
  detectionMs: msSchema.exactOptional(),
  /** From the decision to the verified revert. */
  revertMs: msSchema.exactOptional(),
  /** From the verified revert until the measurements were shown to have recovered. */
  recoveryMs: msSchema.exactOptional(),
  isClean: z.boolean(),
  deviations: z.array(textSchema),
});

const spreadSchema = z.strictObject({
  count: z.number().int().min(1),
  p50: msSchema,
  p95: msSchema,
  max: msSchema,
});

export const drillContentSchema = z.strictObject({
  v: z.literal(1),
  startedAt: msSchema,
  endedAt: msSchema,
  seed: z.number().int().min(0),
  /** What was in force; another digest is another policy, and this report says nothing of it. */
  rulesDigest: sha256Schema,
  faults: z.array(textSchema),
  /** Whether every fault there is was drilled: only such a drill proves a policy. */
  isComprehensive: z.boolean(),
  versions: z.record(z.string(), textSchema),
  target: z.strictObject({ title: textSchema, base: textSchema, tree: textSchema }),
  preflight: z.array(z.strictObject({ name: textSchema, holds: z.boolean(), detail: textSchema })),
  runs: z.array(runSchema),
  summary: z.strictObject({
    detectionMs: spreadSchema.exactOptional(),
    revertMs: spreadSchema.exactOptional(),
    recoveryMs: spreadSchema.exactOptional(),
    deviated: z.number().int().min(0),
    harmless: z.strictObject({
      runs: z.number().int().min(0),
      takenBack: z.number().int().min(0),
      /** Clopper-Pearson, one-sided 95 %. */
      upperBoundRatio: z.number().min(0).max(1),
    }),
  }),
  outcome: z.enum(["passed", "deviated", "aborted"]),
  abortedBecause: textSchema.exactOptional(),
});

export const drillReportSchema = z.strictObject({
  ...drillContentSchema.shape,
  /** Digest of the report before this one. */
  prev: sha256Schema,
  /** Over everything but itself (RFC 8785, SHA-256). */
  digest: sha256Schema,
});

export type DrillRun = z.infer<typeof runSchema>;
export type DrillContent = z.infer<typeof drillContentSchema>;
export type DrillReport = z.infer<typeof drillReportSchema>;
