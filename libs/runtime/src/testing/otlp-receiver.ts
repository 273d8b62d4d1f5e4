/** A collector on the loopback: takes OTLP traces as JSON and keeps the spans. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { createLog } from "../log.ts";
import { otlpTracer } from "../otlp-tracer.ts";
import { setTracer, stopTracing } from "../tracing.ts";

export interface ReceivedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

export interface OtlpReceiver extends AsyncDisposable {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** The bodies as they came. */
  readonly bodies: readonly string[];
  readonly headers: readonly NodeJS.Dict<string | string[]>[];
}

interface Value {
  readonly stringValue?: string;
  readonly intValue?: number | string;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
}
interface Attribute {
  readonly key: string;
  readonly value: Value;
}
interface Sent {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<ReceivedSpan, "fields" | "service" | "parentSpanId"> & {
        readonly parentSpanId?: string;
        readonly attributes: readonly Attribute[];
      })[];
    }[];
  }[];
}

export async function startOtlpReceiver(status = 200): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const bodies: string[] = [];
  const headers: NodeJS.Dict<string | string[]>[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      headers.push(request.headers);
      bodies.push(body);
      if (request.url === "/v1/traces") spans.push(...spansIn(JSON.parse(body) as Sent));
      response.writeHead(status, { "content-type": "application/json" }).end("{}");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  // Longer than senders pause: what meets a connection that is just being closed is lost, as at any collector.
  server.keepAliveTimeout = 120_000;
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.close().closeAllConnections();
  };
  const url = `http://127.0.0.1:${port}`;
  return { url, spans, bodies, headers, [Symbol.asyncDispose]: close };
}

function spansIn({ resourceSpans }: Sent): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(fieldsOf(resource.attributes)["service.name"]);
    return scopeSpans.flatMap(({ spans }) =>
      spans.map(({ name, traceId, spanId, parentSpanId = "", attributes }) => {
        const fields = fieldsOf(attributes);
        return { service, name, traceId, spanId, parentSpanId, fields };
      }),
    );
  });
}

function fieldsOf(attributes: readonly Attribute[]) {
  return Object.fromEntries(
    attributes.map(({ key, value }) => {
      const { stringValue, intValue, doubleValue, boolValue } = value;
      const number = intValue === undefined ? doubleValue : Number(intValue);
      return [key, stringValue ?? boolValue ?? number ?? ""] as const;
    }),
  );
}

/** From now on this process makes spans and sends them there; the function given back sends the last ones and ends it. */
export function traceTo(receiver: OtlpReceiver, service: string): () => Promise<void> {
  const log = createLog({ service, level: "fatal" });
  setTracer(otlpTracer({ service, endpoint: receiver.url, headers: "" }, log));
  return stopTracing;
}
