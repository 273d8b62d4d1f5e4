import {
  type ActionSheet,
  type Candidate,
  type Comparison,
  metricUnits,
  type Policy,
  type Render,
  type Rule,
  type Sample,
  type Stage,
  type Task,
} from "@council/domain";
import { z } from "zod";
import {
  approvalStepSchema,
  freezeWindowSchema,
  limitChangesSchema,
  limitsSchema,
  senderPathsSchema,
} from "./governance-schema.ts";
import { gitIdSchema, sha256Schema } from "./hashes.ts";

export { gitIdSchema, sha256Schema };
export const tierSchema = z.enum(["docs", "service", "destructive", "data"]);
export const slotSchema = z.enum(["a", "b"]);
const text = (max: number) => z.string().min(1).max(max);
const ratio = z.number().min(0).max(1);
const metricSchema = z.enum(Object.keys(metricUnits) as (keyof typeof metricUnits)[]);

export const taskSchema: z.ZodType<Task> = z.strictObject({
  title: text(200),
  instructions: text(20_000),
});

export const sheetSchema: z.ZodType<ActionSheet> = z.strictObject({
  paths: z.array(text(300)).min(1).max(100),
  tier: tierSchema.exactOptional(),
});

export const renderSchema: z.ZodType<Render> = z.strictObject({
  slot: slotSchema,
  diff: sha256Schema,
  provider: text(100),
  family: text(100),
  explanation: z.string().max(4000).exactOptional(),
});

export const candidateSchema: z.ZodType<Candidate> = z.strictObject({
  base: gitIdSchema,
  tree: gitIdSchema,
  diff: sha256Schema,
  digest: sha256Schema,
  semanticDigest: sha256Schema,
  alphaDigest: sha256Schema.exactOptional(),
  tier: tierSchema,
  riskTags: z.array(text(200)),
  paths: z.array(text(4096)),
});

/** More or longer names than this are left out as a whole: the change then stands alone. */
export const reachLimits = { names: 200, length: 100 } as const;
const reachNames = z.array(text(reachLimits.length)).max(reachLimits.names);

export const comparisonSchema: z.ZodType<Comparison> = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("compared"),
    candidate: candidateSchema,
    variance: z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("measured"), low: ratio, high: ratio }),
      z.strictObject({ kind: z.literal("unknown"), reason: text(2000) }),
    ]),
    critical: z.array(text(500)),
    reach: z.strictObject({ symbols: reachNames, uses: reachNames }).exactOptional(),
    report: sha256Schema.exactOptional(),
  }),
  z.strictObject({ kind: z.literal("refused"), reason: text(4000) }),
]);

export const sampleSchema: z.ZodType<Sample> = z.strictObject({
  metric: metricSchema,
  arm: z.enum(["baseline", "canary"]),
  value: z.number(),
  unit: text(20),
  at: z.number().int(),
});

const ruleCore = {
  id: text(60),
  metric: metricSchema,
  worse: z.enum(["higher", "lower"]),
  unit: text(20).exactOptional(),
  minSamples: z.number().int().min(1).max(100_000),
  isRequired: z.boolean(),
  mode: z.literal("shadow").exactOptional(),
  touches: z.array(text(300)).max(20).exactOptional(),
};
const windowCore = {
  ...ruleCore,
  statistic: z.enum(["mean", "p95", "last"]),
  windowSamples: z.number().int().min(1).max(100_000),
  confirmations: z.number().int().min(1).max(100),
};
const alpha = z.number().gt(0).max(0.5);
const minEffect = z.number().min(0).max(1000);
const tolerance = z.number().min(0).max(10);

export const ruleSchema: z.ZodType<Rule> = z.discriminatedUnion("kind", [
  z.strictObject({ ...windowCore, kind: z.literal("absolute"), limit: z.number() }),
  z.strictObject({ ...windowCore, kind: z.literal("relative"), tolerance }),
  z.strictObject({
    ...ruleCore,
    kind: z.literal("sequential"),
    tolerance,
    alpha,
    minEffect,
    armNoise: z.number().min(0).max(1).exactOptional(),
  }),
  z.strictObject({
    ...ruleCore,
    kind: z.literal("sequential-limit"),
    limit: z.number(),
    alpha,
    minEffect,
  }),
  z.strictObject({
    ...ruleCore,
    kind: z.literal("share"),
    canaryRatio: z.number().gt(0).lt(1).exactOptional(),
    alpha,
  }),
]);

const durationMs = z
  .number()
  .int()
  .min(1)
  .max(30 * 24 * 3600 * 1000);

export const stageSchema: z.ZodType<Stage> = z.strictObject({
  name: text(40),
  branch: text(200).exactOptional(),
  watchMinMs: z.number().int().min(0),
  watchMaxMs: durationMs,
  weightPercent: z.number().min(0).max(100).exactOptional(),
  minSamples: z.number().int().min(1).max(100_000).exactOptional(),
});

const policyShape = {
  builders: z.array(slotSchema).max(2),
  seats: z
    .array(
      z.strictObject({
        head: text(60),
        family: text(60),
        mustVote: z.boolean().exactOptional(),
        isModel: z.boolean().exactOptional(),
        endpoint: text(200).exactOptional(),
        order: z.number().int().min(0).max(9).exactOptional(),
        isArbiter: z.boolean().exactOptional(),
      }),
    )
    .min(2)
    .max(9),
  approvalsNeeded: z.number().int().min(2).max(9),
  varianceLimit: ratio,
  onUnknownVariance: z.enum(["escalate", "reject"]),
  autonomy: z.enum(["observe", "recommend", "auto-safe", "auto-all"]),
  stages: z.array(stageSchema).min(1).max(10),
  rules: z.array(ruleSchema).max(50),
  falseRevertRatio: z.number().gt(0).max(1).exactOptional(),
  onInconclusive: z.enum(["extend", "hold", "ask"]),
  maxExtensions: z.number().int().min(0).max(1000),
  maxRebases: z.number().int().min(0).max(100),
  maxLive: z.number().int().min(1).max(100).exactOptional(),
  testAhead: z.number().int().min(0).max(5).exactOptional(),
  sharedEvidence: z.boolean().exactOptional(),
  renderTimeoutMs: durationMs,
  compareTimeoutMs: durationMs,
  auditTimeoutMs: durationMs,
  rollbackTimeoutMs: durationMs,
  revertTestTimeoutMs: z.number().int().min(1000).max(600_000).exactOptional(),
  recoveryTimeoutMs: z.number().int().min(0).max(86_400_000).exactOptional(),
  recoveryDelayMs: z.number().int().min(0).max(86_400_000).exactOptional(),
  approvalSteps: z.array(approvalStepSchema).max(10),
  approvalTimeoutMs: durationMs,
  freezes: z.array(freezeWindowSchema).max(100),
  limits: limitsSchema,
  senderPaths: z.array(senderPathsSchema).max(100),
};

export const policySchema: z.ZodType<Policy> = z.strictObject(policyShape);
/** What a repository changes of the default policy. */
export const policyChangesSchema = z
  .strictObject({ ...policyShape, limits: limitChangesSchema })
  .partial();
