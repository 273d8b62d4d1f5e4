/**
 * OTLP/HTTP bodies in both encodings as one value. Protobuf is decoded by protobufjs from the field
 * numbers of opentelemetry-proto that Council reads; it skips every field it does not know. The library
 * is loaded with the first such body.
 */
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { Type } from "protobufjs";
import { GatewayError } from "./problems.ts";
import { parseJson, textOf } from "./read-body.ts";

export type OtlpEncoding = "json" | "protobuf";

/** Bytes of a body once it is unpacked. */
const mostBytes = 8_000_000;

const unzip = promisify(gunzip);

const repeated = (type: string, id: number) => ({ rule: "repeated", type, id });
const point = { timeUnixNano: { type: "fixed64", id: 3 } };
const points = (type: string) => ({ dataPoints: repeated(type, 1) });

/** opentelemetry/proto/metrics/v1/metrics.proto and the messages around it; field numbers never change. */
const descriptor = {
  nested: {
    Request: { fields: { resourceMetrics: repeated("ResourceMetrics", 1) } },
    ResourceMetrics: {
      fields: {
        resource: { type: "Resource", id: 1 },
        scopeMetrics: repeated("ScopeMetrics", 2),
      },
    },
    Resource: { fields: { attributes: repeated("KeyValue", 1) } },
    ScopeMetrics: { fields: { metrics: repeated("Metric", 2) } },
    Metric: {
      fields: {
        name: { type: "string", id: 1 },
        unit: { type: "string", id: 3 },
        gauge: { type: "Gauge", id: 5 },
        histogram: { type: "Histogram", id: 9 },
      },
    },
    Gauge: { fields: points("NumberPoint") },
    Histogram: {
      fields: { ...points("HistogramPoint"), aggregationTemporality: { type: "int32", id: 2 } },
    },
    NumberPoint: {
      oneofs: { value: { oneof: ["asDouble", "asInt"] } },
      fields: {
        ...point,
        attributes: repeated("KeyValue", 7),
        asDouble: { type: "double", id: 4 },
        asInt: { type: "sfixed64", id: 6 },
        flags: { type: "uint32", id: 8 },
      },
    },
    HistogramPoint: {
      fields: {
        ...point,
        attributes: repeated("KeyValue", 9),
        count: { type: "fixed64", id: 4 },
        sum: { type: "double", id: 5 },
        flags: { type: "uint32", id: 10 },
      },
    },
    KeyValue: { fields: { key: { type: "string", id: 1 }, value: { type: "AnyValue", id: 2 } } },
    AnyValue: { fields: { stringValue: { type: "string", id: 1 } } },
    Response: { fields: { partialSuccess: { type: "PartialSuccess", id: 1 } } },
    PartialSuccess: {
      fields: {
        rejectedDataPoints: { type: "int64", id: 1 },
        errorMessage: { type: "string", id: 2 },
      },
    },
  },
};

let types: Promise<{ readonly request: Type; readonly response: Type }> | undefined;

function loadTypes() {
  types ??= import("protobufjs").then(({ default: protobuf }) => {
    const root = protobuf.Root.fromJSON(descriptor);
    return { request: root.lookupType("Request"), response: root.lookupType("Response") };
  });
  return types;
}

/** The request as OTLP's JSON has it. Throws GatewayError `body-malformed` or `body-too-large`. */
export async function readOtlp(
  body: unknown,
  encoding: OtlpEncoding,
  contentEncoding: string | undefined,
): Promise<unknown> {
  const bytes = await unpacked(body, contentEncoding);
  if (encoding === "json") return parseJson(textOf(bytes));
  const { request } = await loadTypes();
  try {
    return request.toObject(request.decode(bytes), { longs: String, json: true });
  } catch {
    throw malformed("the body is no ExportMetricsServiceRequest", "send OTLP metrics as protobuf");
  }
}

export interface Rejected {
  readonly rejectedDataPoints: number;
  readonly errorMessage: string;
}

/** The answer in the encoding of the request; `partialSuccess` only when points were rejected. */
export async function writeOtlp(
  encoding: OtlpEncoding,
  rejected: Rejected | undefined,
): Promise<string | Buffer> {
  const answer = rejected ? { partialSuccess: rejected } : {};
  if (encoding === "json") return JSON.stringify(answer);
  const { response } = await loadTypes();
  return Buffer.from(response.encode(response.fromObject(answer)).finish());
}

async function unpacked(body: unknown, contentEncoding: string | undefined): Promise<Buffer> {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  if (contentEncoding === undefined || contentEncoding === "identity") return bytes;
  if (contentEncoding !== "gzip")
    throw malformed(`the content encoding ${contentEncoding} is not known`, "use gzip or none");
  try {
    return await unzip(bytes, { maxOutputLength: mostBytes });
  } catch (error) {
    const isTooLarge = (error as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE";
    if (!isTooLarge) throw malformed("the body is not gzip", "correct content-encoding");
    throw new GatewayError("body-too-large", {
      field: "body",
      detail: `the body unpacks to more than ${mostBytes} bytes`,
      remedy: "export smaller batches",
    });
  }
}

function malformed(detail: string, remedy: string): GatewayError {
  return new GatewayError("body-malformed", { field: "body", detail, remedy });
}
