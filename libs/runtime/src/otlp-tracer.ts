/** Spans by OpenTelemetry's SDK, sent as OTLP over HTTP. Loaded only when traces are on. */
import {
  diag,
  DiagLogLevel,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  RandomIdGenerator,
  type ReadableSpan,
  type SpanExporter,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import type { Log } from "./log.ts";
import { redactText } from "./redaction.ts";
import type { Span, SpanFields, SpanRole, SpanStart, Tracer } from "./tracing.ts";

const kinds: Readonly<Record<SpanRole, SpanKind>> = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
};

/** `endpoint` without `/v1/traces`, as `OTEL_EXPORTER_OTLP_ENDPOINT` has it. Sending never delays anybody. */
export function otlpTracer(
  options: { readonly service: string; readonly endpoint: string; readonly headers: string },
  log: Log,
): Tracer {
  const { service, endpoint, headers } = options;
  // The exporter tells of its failures here and nowhere else.
  const say = (text: string) => log.warn({ reason: redactText(text) }, "traces");
  const quiet = () => {};
  const logger = { error: say, warn: say, info: quiet, debug: quiet, verbose: quiet };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/*$/, "")}/v1/traces`,
    headers: headersOf(headers),
    timeoutMillis: 5000,
  });
  const ids = chosenIds();
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": service, "service.namespace": "council" }),
    idGenerator: ids,
    spanProcessors: [
      new BatchSpanProcessor({ exporter: redacting(exporter), scheduledDelayMillis: 1000 }),
    ],
  });
  const spans = provider.getTracer("council");
  return {
    start: (start) => {
      const span = ids.choosing(start.place, () =>
        spans.startSpan(start.name, optionsOf(start), parentOf(start)),
      );
      return spanOf(span);
    },
    stop: () => provider.shutdown().catch((error: unknown) => say(String(error))),
  };
}

function optionsOf({ role, fields, startedAt }: SpanStart) {
  const startTime = startedAt === undefined ? {} : { startTime: startedAt };
  return { kind: kinds[role], attributes: given(fields), ...startTime };
}

function parentOf({ parent }: SpanStart) {
  if (parent === undefined) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, { ...parent, traceFlags: 1, isRemote: true });
}

function spanOf(span: ReturnType<ReturnType<TracerProvider["getTracer"]>["startSpan"]>): Span {
  const { traceId, spanId } = span.spanContext();
  return {
    place: { traceId, spanId },
    set: (fields) => void span.setAttributes(given(fields)),
    end: (error) => {
      if (error !== undefined) {
        span.setAttribute("error.type", error);
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      span.end();
    },
  };
}

function given(fields: SpanFields): Record<string, string | number | boolean> {
  const all = Object.entries(fields);
  return Object.fromEntries(
    all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}

/** Random ids, except for a span whose place was named before it was made. */
function chosenIds() {
  const random = new RandomIdGenerator();
  let chosen: SpanStart["place"];
  return {
    generateTraceId: () => chosen?.traceId ?? random.generateTraceId(),
    generateSpanId: () => chosen?.spanId ?? random.generateSpanId(),
    /** Spans are made synchronously, so nobody else's can come in between. */
    choosing: <T>(place: SpanStart["place"], make: () => T): T => {
      chosen = place;
      try {
        return make();
      } finally {
        chosen = undefined;
      }
    },
  };
}

/** Nothing leaves this process unread: no text of a span holds a known secret or the shape of one. */
function redacting(exporter: SpanExporter): SpanExporter {
  return {
    export: (spans, done) => {
      for (const span of spans) redactSpan(span);
      exporter.export(spans, done);
    },
    shutdown: () => exporter.shutdown(),
    ...(exporter.forceFlush
      ? { forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve() }
      : {}),
  };
}

function redactSpan(span: ReadableSpan): void {
  const { attributes } = span;
  for (const [name, value] of Object.entries(attributes))
    if (typeof value === "string") attributes[name] = redactText(value);
}

/** `name=value,name=value`, values percent-encoded, as `OTEL_EXPORTER_OTLP_HEADERS` has them. */
function headersOf(text: string): Record<string, string> {
  const pairs = text.split(",").filter((pair) => pair.includes("="));
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      return [pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())];
    }),
  );
}
