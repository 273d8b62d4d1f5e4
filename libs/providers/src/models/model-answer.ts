import type { z } from "zod";
import type { ModelReply } from "./model-api.ts";
import { isSameModel } from "./model-name.ts";

export type ModelFailureCode =
  | "over-budget"
  | "price-unknown"
  | "model-unavailable"
  | "model-timeout"
  | "request-refused"
  | "refusal"
  | "truncated"
  | "over-length"
  | "wrong-model"
  | "invalid-reply"
  | "aborted";

export interface ModelFailure {
  readonly kind: "failed";
  readonly code: ModelFailureCode;
  /** In our own words: nothing a model or an endpoint wrote. */
  readonly reason: string;
}

export type Belief<T> = { readonly kind: "believed"; readonly value: T } | ModelFailure;

export function modelFailure(code: ModelFailureCode, reason: string): ModelFailure {
  return { kind: "failed", code, reason };
}

/**
 * What may be believed of a reply: a whole answer, by the model that was asked, within `maxChars`,
 * that is JSON of exactly this shape. Everything else is a failure; nothing is repaired or cut to fit.
 */
export function believe<T>(
  reply: ModelReply,
  wanted: { readonly model: string; readonly schema: z.ZodType<T>; readonly maxChars: number },
): Belief<T> {
  if (reply.ending === "refused") return modelFailure("refusal", "the model refused to answer");
  if (reply.model === undefined || !isSameModel(wanted.model, reply.model))
    return modelFailure("wrong-model", `asked was ${wanted.model}, another model answered`);
  if (reply.ending === "truncated")
    return modelFailure("truncated", "the answer was cut at the limit of tokens");
  if (reply.text.length > wanted.maxChars)
    return modelFailure("over-length", `the answer is longer than ${wanted.maxChars} characters`);
  let value: unknown;
  try {
    value = JSON.parse(reply.text);
  } catch {
    return modelFailure("invalid-reply", "the answer is not JSON");
  }
  const read = wanted.schema.safeParse(value);
  if (read.success) return { kind: "believed", value: read.data };
  // Code and place only: the messages would repeat keys the model made up.
  const [issue] = read.error.issues;
  const at = issue?.path.map((part) => (typeof part === "number" ? part : String(part))).join(".");
  return modelFailure("invalid-reply", `the answer has another shape: ${issue?.code} at "${at}"`);
}
