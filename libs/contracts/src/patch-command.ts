import {
  inFull,
  type Observation,
  type Patch,
  type PatchCommand,
  type Policy,
} from "@council/domain";
import { z } from "zod";
import { operatorSchema } from "./operators.ts";
import {
  comparisonSchema,
  gitIdSchema,
  policySchema,
  renderSchema,
  sha256Schema,
  sheetSchema,
  slotSchema,
  taskSchema,
} from "./patch-schema.ts";

const name = z.string().min(1).max(200);
const words = z.string().max(4000);

export const patchSchema: z.ZodType<Patch> = z.strictObject({
  id: name,
  repository: name,
  targetBranch: name,
  base: gitIdSchema,
  diff: sha256Schema.exactOptional(),
  task: taskSchema.exactOptional(),
  sheet: sheetSchema.exactOptional(),
  title: name,
  author: name,
  sender: name,
  externalId: name.exactOptional(),
  head: gitIdSchema.exactOptional(),
  supersedes: name.exactOptional(),
  relands: z.strictObject({ patchId: name, actor: name, reason: words }).exactOptional(),
  submittedAt: z.number().int(),
  // What an older Council sent before an upgrade lacks fields of today, and is taken all the same (P8).
  policy: z.preprocess(
    (value) => (typeof value === "object" && value !== null ? inFull(value as Policy) : value),
    policySchema,
  ),
});

const landingShape = {
  stage: name,
  branch: name,
  commit: gitIdSchema,
  tree: gitIdSchema,
  parent: gitIdSchema,
  weightPercent: z.number().min(0).max(100).exactOptional(),
};
const drainSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("drained") }),
  z.strictObject({ kind: z.literal("failed"), reason: words }),
]);
const revertsSchema = z.array(
  z.strictObject({
    branch: name,
    commit: gitIdSchema,
    tree: gitIdSchema,
    landing: gitIdSchema,
    restored: z.enum(["exact", "merged"]),
  }),
);
const checkSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("passed") }),
  z.strictObject({ kind: z.literal("failed"), reason: words }),
  z.strictObject({ kind: z.literal("inconclusive"), reason: words }),
]);
const takenBack = {
  reverts: revertsSchema,
  drain: drainSchema.exactOptional(),
  check: checkSchema.exactOptional(),
};
const hunksSchema = z.array(
  z.strictObject({ branch: name, path: z.string(), ours: z.string(), before: z.string() }),
);

const observationSchema: z.ZodType<Observation> = z.strictObject({
  kind: z.enum(["healthy", "breach", "inconclusive", "watching"]),
  at: z.number().int(),
  lack: z.enum(["insufficient-evidence", "blind", "sample-ratio-mismatch"]).exactOptional(),
  ruleId: name.exactOptional(),
  why: words,
  readings: z.array(z.any()),
  harm: z.number().min(0).exactOptional(),
  level: z.number().min(0).max(1).exactOptional(),
  trail: z
    .array(z.tuple([z.number(), z.number()]))
    .max(60)
    .exactOptional(),
});

const findingSchema = z.strictObject({
  ruleId: name,
  severity: z.enum(["info", "warning", "question", "error"]),
  isHard: z.boolean(),
  path: z.string().max(4096).exactOptional(),
  line: z.number().int().exactOptional(),
  message: words,
  remedy: words.exactOptional(),
  waivedBy: name.exactOptional(),
});

const suspensionShape = {
  cap: name,
  reason: words,
  resetAt: z.number().int(),
  neededMicroUsd: z.number().int().positive().exactOptional(),
};

/** What a head signs. Anything else inside an envelope is no vote. */
export const voteSchema = z.strictObject({
  patchId: name,
  head: name,
  digest: sha256Schema,
  binding: z.strictObject({
    base: gitIdSchema,
    tree: gitIdSchema,
    semanticDigest: sha256Schema,
    policyDigest: sha256Schema,
  }),
  nonce: name,
  verdict: z.enum(["approve", "reject", "abstain"]),
  findings: z.array(findingSchema).max(200),
  metaHash: sha256Schema,
  expiresAt: z.number().int(),
  suspension: z.strictObject(suspensionShape).exactOptional(),
});

const actorShape = { actor: name, reason: words };

/**
 * Every command a message may carry to the patch controller. Openings are missing on purpose: they
 * are made by the controller itself, from a seal and the key that `record-key` brings.
 */
export const patchCommandSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("submit"), patch: patchSchema }),
  z.strictObject({ type: z.literal("record-render"), slot: slotSchema, render: renderSchema }),
  z.strictObject({
    type: z.literal("fail-render"),
    slot: slotSchema,
    reason: words,
    suspension: z.strictObject({ head: name, ...suspensionShape }).exactOptional(),
  }),
  z.strictObject({
    type: z.literal("record-comparison"),
    base: gitIdSchema,
    comparison: comparisonSchema,
  }),
  z.strictObject({
    type: z.literal("record-seal"),
    head: name,
    nonce: name,
    seal: z.strictObject({ ciphertext: z.string().max(400_000), commitment: sha256Schema }),
  }),
  z.strictObject({
    type: z.literal("record-key"),
    head: name,
    nonce: name,
    key: z.string().max(200),
  }),
  z.strictObject({
    type: z.literal("grant-lane"),
    token: z.number().int(),
    beside: z.array(name).max(100).exactOptional(),
    discoveries: z.number().int().min(0).exactOptional(),
  }),
  z.strictObject({
    type: z.literal("take-blame"),
    stage: name,
    observation: observationSchema,
    ranking: z.array(z.strictObject({ patchId: name, score: z.number(), why: words })).max(100),
  }),
  z.strictObject({
    type: z.literal("watch-anew"),
    token: z.number().int(),
    discoveries: z.number().int().min(0),
  }),
  z.strictObject({
    type: z.literal("record-landing"),
    effectId: name,
    outcome: z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("landed"), ...landingShape }),
      z.strictObject({ kind: z.literal("base-moved"), head: gitIdSchema }),
      z.strictObject({ kind: z.literal("cancelled") }),
      z.strictObject({ kind: z.literal("refused"), reason: words }),
    ]),
  }),
  z.strictObject({
    type: z.literal("record-observation"),
    stage: name,
    /** The landing that is watched; a verdict about an earlier one is no evidence. */
    token: z.number().int(),
    observation: observationSchema,
  }),
  z.strictObject({
    type: z.literal("record-revert"),
    effectId: name,
    outcome: z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("reverted"), ...takenBack }),
      z.strictObject({ kind: z.literal("conflict"), hunks: hunksSchema, ...takenBack }),
      z.strictObject({ kind: z.literal("refused"), reason: words, ...takenBack }),
    ]),
  }),
  z.strictObject({
    type: z.literal("reach-deadline"),
    deadline: z.enum([
      "render",
      "compare",
      "audit",
      "watch",
      "rollback",
      "recovery",
      "recheck",
      "approval",
    ]),
    epoch: z.number().int(),
  }),
  z.strictObject({
    type: z.literal("request-rollback"),
    ...actorShape,
    joint: z
      .strictObject({ target: name, done: z.array(name).max(200), rest: z.array(name).max(200) })
      .exactOptional(),
  }),
  z.strictObject({ type: z.literal("approve"), by: operatorSchema, ...actorShape }),
  z.strictObject({ type: z.literal("deny"), by: operatorSchema, ...actorShape }),
  z.strictObject({
    type: z.literal("bypass"),
    by: operatorSchema,
    until: z.number().int(),
    ...actorShape,
  }),
  z.strictObject({ type: z.literal("withdraw"), ...actorShape }),
  z.strictObject({ type: z.literal("supersede"), by: name }),
]);

/** A command as it arrives; `record-key` becomes `record-opening` inside the controller. */
export type IncomingCommand =
  | Exclude<PatchCommand, { type: "record-opening" }>
  | {
      readonly type: "record-key";
      readonly head: string;
      readonly nonce: string;
      readonly key: string;
    };
