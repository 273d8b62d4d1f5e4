import { createHash } from "node:crypto";

/** Where a span stands, in W3C Trace Context's words: 32 and 16 lower-case hex digits. */
export interface TracePlace {
  readonly traceId: string;
  readonly spanId: string;
}

/**
 * The trace of a patch and its first span. They follow from the id, so that whoever knows the patch goes on
 * in the same trace: after a retry, a deadline, a restart, or when an operator acts on it days later.
 */
export function patchTrace(patchId: string): TracePlace {
  const digest = createHash("sha256").update(`trace of ${patchId}`).digest("hex");
  return { traceId: digest.slice(0, 32), spanId: digest.slice(32, 48) };
}

/** As the header `traceparent` has it; always sampled, the exporter's side decides what it keeps. */
export const traceparentOf = ({ traceId, spanId }: TracePlace): string =>
  `00-${traceId}-${spanId}-01`;

/** Undefined for anything that is no traceparent of version 00. */
export function readTraceparent(text: string | undefined): TracePlace | undefined {
  const match = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(text ?? "");
  const [, traceId = "", spanId = ""] = match ?? [];
  return /[^0]/.test(traceId) && /[^0]/.test(spanId) ? { traceId, spanId } : undefined;
}
