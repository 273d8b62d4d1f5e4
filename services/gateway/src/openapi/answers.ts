/** The shapes of answers, as far as a client can rely on them; more fields may come. */
import { z } from "zod";

const text = z.string();
const count = z.number().int().min(0);
const at = z.number().int().describe("Milliseconds since the epoch.");
const microUsd = z.number().int().describe("Millionths of a US dollar.");

export const taken = z.object({ id: text, url: text, duplicate: z.boolean() });
export const ignored = z.object({ kind: z.literal("ignored"), reason: text });
export const stored = z.object({
  id: text.describe("Names the action; what came of it is in the patch's timeline."),
});
export const waived = stored.extend({ waiver: z.string() });
/** With dependents: the patches that go, in order. */
export const rolledBack = stored.extend({ patches: z.array(z.string()).optional() });

const ledgerEntry = z.looseObject({
  patchId: text,
  sequence: count,
  at,
  command: text,
  event: z.looseObject({ type: text }),
  digest: text,
});
export const patchSummary = z.looseObject({
  id: text,
  kind: text.describe("The state; `accepted` until the patch controller has taken it up."),
  sequence: count,
  title: text.optional(),
  author: text.optional(),
  repository: text.optional(),
  targetBranch: text.optional(),
  externalId: text.optional(),
  submittedAt: at.optional(),
  why: text.optional(),
});
export const patchPage = z.object({
  patches: z.array(patchSummary),
  before: z.number().optional().describe("Give it back as `before` to read on."),
  cursor: text.describe("Follow `/v1/events` from here."),
});
export const patchDetail = patchSummary.extend({
  traceId: text.describe("The trace of everything about it."),
  dossier: z.looseObject({}).optional(),
  auditHash: text.optional(),
  stop: z
    .looseObject({ actor: text, reason: text, since: at, until: at.optional() })
    .optional()
    .describe("Who keeps this patch alone from landing, and why."),
  timeline: z.array(ledgerEntry),
  isTruncated: z.boolean(),
});
const waits = z.looseObject({ until: at }).optional();
export const limits = z.object({
  repositories: z.array(
    z.looseObject({
      repository: text,
      freezes: z.array(z.looseObject({ kind: text, reason: text })),
      frozen: z.looseObject({ reason: text, until: at }).optional(),
      limits: z.looseObject({ landingsPerDay: count }),
      authors: z.array(z.looseObject({ author: text, landings: count, reverts: count, waits })),
    }),
  ),
});
export const me = z.object({
  name: text,
  roles: z.array(text),
  isShared: z.boolean().describe("It is no one person's, so whoever acts says who it is."),
});
export const comparison = z.looseObject({}).describe("Files with marked lines, and symbols.");
export const patchCalls = z.object({
  calls: z.array(z.object({ at, head: text, model: text, state: text, chargedMicroUsd: microUsd })),
});
export const stages = z.object({
  stages: z.array(z.object({ stage: text, rules: z.array(z.looseObject({ ruleId: text })) })),
});
export const metaRecord = z.object({
  pr_id: text,
  patch: text,
  repository: text.nullable(),
  state: text,
  quorum_passed: z.boolean(),
  quorum_reason: text,
  quorum_timestamp: text.nullable(),
  audit_hash: text.nullable(),
  votes: z.array(z.object({ head: text, verdict: text, meta_hash: text })),
  explanation_agreement: z.number().nullable(),
  explanation_agreement_method: text,
});
export const heads = z.looseObject({ rounds: count });
export const samplesTaken = z.object({ accepted: count });
export const otlpTaken = z.object({
  partialSuccess: z.object({ rejectedDataPoints: text, errorMessage: text }).partial().optional(),
});
export const metaTaken = z.object({ status: z.literal("accepted") });
export const legacyRollback = z.object({ status: z.literal("accepted"), id: text, patch: text });
export const control = z.object({
  isPaused: z.boolean(),
  actor: text.optional(),
  reason: text.optional(),
  at: at.optional(),
});
export const spendReport = z.looseObject({
  at,
  mode: z.enum(["normal", "degraded"]),
  suspended: z.array(z.looseObject({ head: text })),
  waiting: z.array(z.object({ id: text, why: text, resetAt: at })),
  windows: z.array(
    z.looseObject({
      cap: text,
      limitMicroUsd: microUsd.nullable(),
      heldMicroUsd: microUsd,
      spentMicroUsd: microUsd,
      resetAt: at,
    }),
  ),
});
export const switched = z.object({
  kind: z.enum(["stopped", "resumed"]),
  actor: text,
  reason: text,
});
export const deadLetters = z.object({
  deadLetters: z.array(
    z.looseObject({ id: text, inbox: text, error: text, deliveryCount: count, atMs: at }),
  ),
});
export const deadLetterName = z.strictObject({ inbox: text, id: text });
export const queues = z.object({
  queues: z.array(z.looseObject({ inbox: text, partition: count, length: count, pending: count })),
});
export const drills = z.looseObject({
  repositories: z.array(z.looseObject({ id: text, kind: z.enum(["proven", "unproven"]) })),
  reports: z.array(z.looseObject({ digest: text, outcome: text })),
});
export const baseline = z.object({ repository: text, baseline: z.looseObject({}).optional() });
export const settings = z.object({
  settings: z.array(z.looseObject({ env: text, value: text, source: text, meaning: text })),
  repositories: z.array(z.looseObject({ id: text, targetBranch: text })),
});
export const health = z.looseObject({ kind: z.enum(["live", "ready", "failing"]) });
export const claim = z.looseObject({ quorum_passed: z.boolean() });
export const anyDocument = z.looseObject({});
