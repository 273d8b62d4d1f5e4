import { metricUnits } from "@council/domain";
import { z } from "zod";
import { scopeSchema } from "./governance-schema.ts";
import { operatorNameSchema } from "./operators.ts";
import { gitIdSchema, sheetSchema, taskSchema } from "./patch-schema.ts";
import { waivableRules } from "./waivable-rules.ts";

const branchSchema = z
  .string()
  .min(1)
  .max(200)
  .regex(/^(?![-/.])(?!.*(\.\.|\/\/|@\{|\.lock(\/|$)))[\w./-]+(?<![/.])$/, "a plain branch name");

/** `POST /v1/patches` */
export const submissionSchema = z
  .strictObject({
    repository: z.string().min(1).max(200),
    targetBranch: branchSchema.exactOptional(),
    base: gitIdSchema,
    diff: z.string().min(1).max(1_000_000).exactOptional(),
    task: taskSchema.exactOptional(),
    sheet: sheetSchema.exactOptional(),
    title: z.string().min(1).max(200),
    author: z.string().min(1).max(200),
    externalId: z.string().min(1).max(200).exactOptional(),
  })
  .refine((body) => body.diff !== undefined || body.task !== undefined, {
    path: ["diff"],
    message: "neither a diff nor a task: send one of them",
  });
export type Submission = z.infer<typeof submissionSchema>;

/** One line of `POST /v1/samples` (NDJSON). */
export const sampleLineSchema = z.strictObject({
  patch: z.string().min(1).max(200),
  metric: z.enum(Object.keys(metricUnits) as (keyof typeof metricUnits)[]),
  arm: z.enum(["baseline", "canary"]),
  value: z.number(),
  unit: z.string().min(1).max(20),
  at: z.union([z.number().int(), z.iso.datetime({ offset: true })]),
});

/** `POST /webhook/meta`, the payload existing clients already send. */
export const metaSchema = z.strictObject({
  pr_id: z.union([z.string().min(1).max(200), z.number().int()]),
  meta: z.strictObject({
    unit_coverage: z.number().exactOptional(),
    latency_regression: z.number().exactOptional(),
    cost_delta: z.number().exactOptional(),
  }),
  timestamp: z.union([z.number(), z.string().max(60)]).exactOptional(),
  source: z.string().max(200).exactOptional(),
});

/** A drill to be carried out by whoever serves drills. */
export const drillOrderSchema = z.strictObject({
  actor: z.string().min(1).max(200).exactOptional(),
  reason: z.string().min(1).max(2000),
  scope: z.enum(["usual", "short", "comprehensive"]).default("short"),
});

/** Why, for every act of an operator; `actor` counts only behind the shared token. */
const said = {
  actor: z.string().min(1).max(200).exactOptional(),
  reason: z.string().min(1).max(2000),
};
export const actionSchema = z.strictObject(said);
/** `POST /v1/patches/:id/rollback`: by itself, or with the patches that have to go before it. */
export const rollbackSchema = z.strictObject({
  ...said,
  withDependents: z.boolean().exactOptional(),
});

/** Milliseconds since the epoch, or ISO 8601 with an offset. */
const momentSchema = z.union([z.number().int().min(0), z.iso.datetime({ offset: true })]);
/** Milliseconds since the epoch. */
export const momentOf = (written: number | string): number =>
  typeof written === "number" ? written : Date.parse(written);

/** `POST /v1/patches/:id/bypass` */
export const bypassSchema = z.strictObject({ ...said, until: momentSchema });
/** `POST /v1/stops` */
export const stopBodySchema = z.strictObject({
  ...said,
  scope: scopeSchema,
  until: momentSchema.exactOptional(),
});
/** `POST /v1/stops/lift` */
export const liftBodySchema = z.strictObject({ ...said, scope: scopeSchema });
/** `POST /v1/waivers`: what holds nothing up for a time. Hard rules are not among them (P10). */
export const waiverBodySchema = z.strictObject({
  ...said,
  repository: z.string().min(1).max(200),
  rule: z.enum(waivableRules),
  path: z.string().min(1).max(300),
  until: momentSchema,
});
/** `POST /v1/waivers/end` */
export const endWaiverBodySchema = z.strictObject({ ...said, id: z.string().min(1).max(200) });
/** `POST /v1/delegations`: who stands in for whoever asks. */
export const delegationBodySchema = z.strictObject({
  ...said,
  to: operatorNameSchema,
  until: momentSchema,
});
/** `POST /v1/delegations/end`; `from` is whoever asks, unless an admin ends another's. */
export const endDelegationBodySchema = z.strictObject({
  ...said,
  to: operatorNameSchema,
  from: operatorNameSchema.exactOptional(),
});
