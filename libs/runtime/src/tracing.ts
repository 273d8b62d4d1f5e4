/**
 * Spans, as every service makes them. Off unless an endpoint is set: then nothing of OpenTelemetry is
 * loaded, `traced` is one call of its function, and messages carry no trace.
 *
 * All that is about one patch is one trace, see `patchTrace`: a message without a traceparent, or with that
 * of another patch, begins at the patch's first span. No span holds text of a patch, a prompt or a reply.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { partitionOfPatch } from "@council/contracts";
import { patchTrace, readTraceparent, traceparentOf, type TracePlace } from "@council/evidence";

export type SpanFields = Readonly<Record<string, string | number | boolean | undefined>>;
export type SpanRole = "internal" | "server" | "client" | "consumer";

export interface SpanStart {
  readonly name: string;
  readonly role: SpanRole;
  readonly fields: SpanFields;
  readonly parent?: TracePlace | undefined;
  /** For the first span of a trace: the place everybody else already names as its parent. */
  readonly place?: TracePlace | undefined;
  /** Milliseconds since the epoch; now when absent. */
  readonly startedAt?: number;
}

export interface Span {
  readonly place: TracePlace;
  readonly set: (fields: SpanFields) => void;
  /** `error` is the name of what went wrong, never its text. */
  readonly end: (error?: string) => void;
}

/** What makes spans and sends them; there is at most one per process. */
export interface Tracer {
  readonly start: (span: SpanStart) => Span;
  /** Sends what is left. */
  readonly stop: () => Promise<void>;
}

let tracer: Tracer | undefined;
const spans = new AsyncLocalStorage<Span>();

/** From now on spans are made; `undefined` ends that. */
export function setTracer(next: Tracer | undefined): void {
  tracer = next;
}

export const isTracing = (): boolean => tracer !== undefined;

/** Sends what is left and makes no more spans. */
export async function stopTracing(): Promise<void> {
  const last = tracer;
  tracer = undefined;
  await last?.stop();
}

/** The ids of the span that is under way, for log lines; none when there is none. */
export function traceFields(): { trace_id?: string; span_id?: string } {
  const place = spans.getStore()?.place;
  return place === undefined ? {} : { trace_id: place.traceId, span_id: place.spanId };
}

/** Runs `run` in a span below the one under way, or below `start.parent`. Rejects as `run` does. */
export async function traced<T>(
  name: string,
  fields: SpanFields,
  run: () => Promise<T>,
  start: Partial<Pick<SpanStart, "parent" | "role">> = {},
): Promise<T> {
  if (tracer === undefined) return run();
  const { parent = spans.getStore()?.place, role = "internal" } = start;
  const span = tracer.start({ name, role, fields, parent });
  try {
    const result = await spans.run(span, run);
    span.end();
    return result;
  } catch (error) {
    span.end(error instanceof Error ? error.name : "error");
    throw error;
  }
}

/** Says more of the span that is under way. */
export function describeSpan(fields: SpanFields): void {
  spans.getStore()?.set(fields);
}

/** A span of something that is over already. */
export function recordSpan(
  span: Omit<SpanStart, "startedAt"> & { readonly durationMs: number; readonly error?: string },
): void {
  const { durationMs, error, ...start } = span;
  const { parent = spans.getStore()?.place } = start;
  const startedAt = Date.now() - durationMs;
  tracer?.start({ ...start, parent: start.place ? undefined : parent, startedAt }).end(error);
}

/** The part of a message that traces need. */
export interface TracedMessage {
  readonly type: string;
  readonly subject: string;
  readonly correlationId: string;
  readonly traceparent?: string;
}

/** What comes by the thousand per patch and would bury everything else. */
const untraced: ReadonlySet<string> = new Set(["samples", "look"]);
const isPatchId = (text: string) => partitionOfPatch(text) !== undefined;

/** Where work on this message stands: below what caused it, in the trace of its patch. */
export function placeOf(message: TracedMessage): TracePlace | undefined {
  const given = readTraceparent(message.traceparent);
  if (!isPatchId(message.correlationId)) return given;
  const own = patchTrace(message.correlationId);
  return given?.traceId === own.traceId ? given : own;
}

/** The trace a message belongs to, while traces are made. */
export function traceIdOf(message: TracedMessage): string | undefined {
  return isTracing() ? placeOf(message)?.traceId : undefined;
}

/** The message with the place of the span under way, for messages that go out beside a handler's outcome. */
export function stamped<M extends TracedMessage>(message: M): M {
  const place = spans.getStore()?.place;
  if (place === undefined || untraced.has(message.type)) return message;
  const traceparent = traceparentOf(place);
  return { ...message, traceparent: traceparentOf(placeOf({ ...message, traceparent }) ?? place) };
}

interface Worked {
  readonly inbox: string;
  readonly deliveryCount: number;
  readonly message: TracedMessage & { readonly id: string };
}
interface Produced {
  readonly messages?: readonly { readonly message: TracedMessage }[];
}

/** The handler with a span around each run, and its trace in every message it wants sent. */
export function tracedHandler<Handler>(handler: Handler): Handler {
  if (!isTracing()) return handler;
  const run = handler as (delivery: Worked, signal: AbortSignal) => Promise<Produced>;
  const wrapped = async (delivery: Worked, signal: AbortSignal): Promise<Produced> => {
    const { message, inbox, deliveryCount } = delivery;
    if (untraced.has(message.type)) return run(delivery, signal);
    const fields = {
      "messaging.system": "council",
      "messaging.operation.type": "process",
      "messaging.destination.name": inbox,
      "messaging.message.id": message.id,
      "council.patch": isPatchId(message.correlationId) ? message.correlationId : undefined,
      "council.delivery": deliveryCount,
    };
    return traced(
      `${message.type} ${inbox}`,
      fields,
      async () => {
        const outcome = await run(delivery, signal);
        if (outcome.messages === undefined) return outcome;
        const messages = outcome.messages.map((each) => ({
          ...each,
          message: stamped(each.message),
        }));
        return { ...outcome, messages };
      },
      { role: "consumer", parent: placeOf(message) },
    );
  };
  return wrapped as Handler;
}
