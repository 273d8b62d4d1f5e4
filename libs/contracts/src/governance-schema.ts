/** What people say for all of Council and of one repository: the schemas of the domain's governance. */
import {
  type ApprovalStep,
  type ControlCommand,
  type FreezeWindow,
  type Limits,
  operatorRoles,
  type RecordCommand,
  type SenderPaths,
  type StopScope,
  stopScopes,
  weekdays,
} from "@council/domain";
import { z } from "zod";
import { operatorNameSchema, operatorSchema } from "./operators.ts";
import { sha256Schema } from "./hashes.ts";

const name = z.string().min(1).max(200);
const words = z.string().min(1).max(2000);
const count = z.number().int().min(1).max(100_000);
const at = z.number().int().min(0);
const patterns = z.array(z.string().min(1).max(300)).min(1).max(100);
const said = { actor: name, reason: words };

export const scopeSchema: z.ZodType<StopScope> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("global") }),
  z.strictObject({ kind: z.enum(stopScopes), name }),
]);

export const approvalStepSchema: z.ZodType<ApprovalStep> = z.strictObject({
  name,
  count: z.number().int().min(1).max(20),
  operators: z.array(operatorNameSchema).min(1).max(100).exactOptional(),
  roles: z.array(z.enum(operatorRoles)).min(1).exactOptional(),
});

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, "a time as 16:30");
const moment = z.iso.datetime({ local: true, precision: -1 });
const window = { timeZone: z.string().min(1).max(60), reason: words };
export const freezeWindowSchema: z.ZodType<FreezeWindow> = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("weekly"),
    days: z.array(z.enum(weekdays)).min(1).max(7),
    from: time,
    to: time,
    ...window,
  }),
  z.strictObject({ kind: z.literal("dated"), from: moment, to: moment, ...window }),
]);

const spanMs = z
  .number()
  .int()
  .min(0)
  .max(30 * 86_400_000);
const limitsShape = {
  landingsPerDay: z.number().int().min(0).max(100_000),
  emergenciesPerDay: z.number().int().min(0).max(1000),
  cooldownMs: spanMs,
  quarantineReverts: count,
  quarantineWindowMs: spanMs,
  automaticRevertsPerDay: count,
  unlimited: z.array(name).max(100),
};
export const limitsSchema: z.ZodType<Limits> = z.strictObject(limitsShape);
/** What a repository changes of the default limits. */
export const limitChangesSchema = z.strictObject(limitsShape).partial();

export const senderPathsSchema: z.ZodType<SenderPaths> = z.strictObject({
  sender: name,
  paths: patterns,
});

/** A message to the switch of all of Council. `pause` and `resume` are its oldest words. */
export const controlCommandSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("pause"), ...said }),
  z.strictObject({ type: z.literal("resume"), ...said }),
  z.strictObject({
    type: z.literal("stop"),
    scope: scopeSchema,
    until: at.exactOptional(),
    ...said,
  }),
  z.strictObject({ type: z.literal("lift"), scope: scopeSchema, ...said }),
  z.strictObject({
    type: z.literal("delegate"),
    from: operatorSchema,
    to: operatorNameSchema,
    until: at,
    ...said,
  }),
  z.strictObject({
    type: z.literal("end-delegation"),
    from: operatorNameSchema,
    to: operatorNameSchema,
    ...said,
  }),
  z.strictObject({
    type: z.literal("waive"),
    id: name,
    repository: name,
    ruleId: name,
    path: z.string().min(1).max(300),
    until: at,
    by: operatorSchema,
    ...said,
  }),
  z.strictObject({ type: z.literal("end-waiver"), id: name, ...said }),
]);
export type IncomingControl =
  | ControlCommand
  | { readonly type: "pause"; readonly actor: string; readonly reason: string }
  | { readonly type: "resume"; readonly actor: string; readonly reason: string };

const changeSchema = z.strictObject({
  patchId: name,
  semanticDigest: sha256Schema,
  alphaDigest: sha256Schema.exactOptional(),
  reason: z.string().max(4000),
  at,
});

/** A message to the record of a repository. */
export const recordCommandSchema: z.ZodType<RecordCommand> = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("note-landing"),
    patchId: name,
    author: name,
    at,
    isEmergency: z.boolean().exactOptional(),
  }),
  z.strictObject({
    type: z.literal("note-revert"),
    repository: name,
    patchId: name,
    author: name,
    builder: name.exactOptional(),
    at,
    isAutomatic: z.boolean(),
    change: changeSchema,
    limits: limitsSchema,
  }),
  z.strictObject({ type: z.literal("release-change"), patchId: name, ...said }),
  z.strictObject({ type: z.literal("lift"), scope: scopeSchema, ...said }),
]);
