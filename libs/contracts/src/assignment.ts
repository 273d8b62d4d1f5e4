import type { ActionSheet, PatchEffect, Sample } from "@council/domain";
import { z } from "zod";
import { gitIdSchema, sampleSchema, sha256Schema, sheetSchema } from "./patch-schema.ts";

/** What everybody who works on a patch needs to know of it. */
export interface PatchBrief {
  readonly id: string;
  readonly repository: string;
  readonly targetBranch: string;
  readonly title: string;
  readonly author: string;
  /** Who submitted it, for the caps of spending. */
  readonly sender?: string;
  /** Patterns of the paths its sender may touch; absent is all. */
  readonly mayTouch?: readonly string[];
  readonly sheet?: ActionSheet;
  readonly externalId?: string;
  readonly head?: string;
  /** SHA-256 over the policy the patch is judged by; for auditors, who sign it. */
  readonly policyDigest?: string;
}

/**
 * The body of every message that carries an effect to whoever performs it; its type is the effect's.
 * Only the patch controller writes these, in the commit of the decision they follow from.
 */
export interface Assignment<Type extends PatchEffect["type"] = PatchEffect["type"]> {
  readonly patch: PatchBrief;
  readonly effect: Extract<PatchEffect, { type: Type }>;
}

export const assignmentSchema = z.strictObject({
  patch: z.strictObject({
    id: z.string().min(1).max(200),
    repository: z.string().min(1).max(200),
    targetBranch: z.string().min(1).max(200),
    title: z.string().max(200),
    author: z.string().max(200),
    sender: z.string().max(200).exactOptional(),
    mayTouch: z.array(z.string()).exactOptional(),
    sheet: sheetSchema.exactOptional(),
    externalId: z.string().max(200).exactOptional(),
    head: gitIdSchema.exactOptional(),
    policyDigest: sha256Schema.exactOptional(),
  }),
  effect: z.looseObject({ type: z.string() }),
});

/** Reads an assignment of one of the given types; undefined when the body is something else. */
export function readAssignment<Type extends PatchEffect["type"]>(
  body: unknown,
  types: readonly Type[],
): Assignment<Type> | undefined {
  const read = assignmentSchema.safeParse(body);
  if (!read.success || !types.some((type) => type === read.data.effect.type)) return undefined;
  return read.data as unknown as Assignment<Type>;
}

/** A batch of measurements of one patch, on its way to the streaming auditor. */
export const sampleBatchSchema = z.strictObject({
  samples: z.array(sampleSchema).min(1).max(10_000),
});
export type SampleBatch = { readonly samples: readonly Sample[] };
