import type { WhyCard } from "@council/domain";
import { z } from "zod";
import { gitIdSchema } from "./patch-schema.ts";

const metricSchema = z.strictObject({
  ruleId: z.string(),
  name: z.string(),
  unit: z.string(),
  statistic: z.string(),
  worse: z.enum(["higher", "lower"]),
  canary: z.number().exactOptional(),
  baseline: z.number().exactOptional(),
  threshold: z.number().exactOptional(),
  canarySamples: z.number().int(),
  baselineSamples: z.number().int(),
  interval: z.strictObject({ low: z.number(), high: z.number() }).exactOptional(),
});

const pointSchema = z.strictObject({
  at: z.number(),
  stage: z.string(),
  canary: z.number().exactOptional(),
  baseline: z.number().exactOptional(),
  threshold: z.number().exactOptional(),
});

const evidenceSchema = z.strictObject({
  threshold: z.literal(1),
  level: z.number().exactOptional(),
  points: z.array(z.strictObject({ at: z.number(), harm: z.number() })),
});

/** `GET /v1/patches/:id/why`, version 1: fields may be added, none is taken away or changes its meaning. */
export const whyCardSchema = z.looseObject({
  v: z.literal(1),
  patchId: z.string(),
  title: z.string(),
  repository: z.string(),
  kind: z.enum(["reverting", "reverted", "revert-blocked"]),
  sentence: z.string(),
  cause: z.enum(["breach", "request"]),
  stage: z.string().exactOptional(),
  actor: z.string().exactOptional(),
  metric: metricSchema.exactOptional(),
  series: z.array(pointSchema),
  evidence: evidenceSchema.exactOptional(),
  events: z.array(
    z.strictObject({
      sequence: z.number().int(),
      at: z.number(),
      type: z.string(),
      detail: z.string(),
      digest: z.string().exactOptional(),
    }),
  ),
  keptBy: z.array(z.string()),
  reverts: z.array(
    z.strictObject({
      branch: z.string(),
      commit: gitIdSchema,
      tree: gitIdSchema,
      landing: gitIdSchema,
      restored: z.enum(["exact", "merged"]),
    }),
  ),
  decidedAt: z.number(),
  endedAt: z.number().exactOptional(),
}) as unknown as z.ZodType<WhyCard>;
