/** OTLP metrics, most of them from OpenTelemetry's own exporters over a real connection. */
import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { inboxes, sampleBatchSchema } from "@council/contracts";
import { OTLPMetricExporter as JsonExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as ProtobufExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { expect, test } from "vitest";
import { newSecret, testGateway, type TestGateway } from "./test-gateway.ts";

const patch = "p01-abcdefgh";
const url = "/v1/metrics";
const otlpToken = randomBytes(24).toString("hex");

const post = (
  gateway: TestGateway,
  payload: string | Buffer,
  headers: Record<string, string> = {},
) =>
  gateway.app.inject({
    method: "POST",
    url,
    payload,
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${otlpToken}`,
      ...headers,
    },
  });

const samplesIn = async (gateway: TestGateway) =>
  (await gateway.messages(inboxes.streamingAuditor)).flatMap(
    ({ body }) => sampleBatchSchema.parse(body).samples,
  );

const attributes = (arm = "canary", id = patch) => [
  { key: "council.patch", value: { stringValue: id } },
  { key: "council.arm", value: { stringValue: arm } },
];
const point = (changes: object = {}) => ({
  attributes: attributes(),
  timeUnixNano: "1800000000000000000",
  asDouble: 12.5,
  ...changes,
});
const gauge = (name: string, unit: string, ...dataPoints: object[]) => ({
  name,
  unit,
  gauge: { dataPoints },
});
const request = (...metrics: object[]) =>
  JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });

test.each([
  ["JSON", JsonExporter],
  ["protobuf", ProtobufExporter],
  ["protobuf, packed", ProtobufExporter],
])("OpenTelemetry's own exporter is understood: %s", async (encoding, Exporter) => {
  await using gateway = await testGateway({ otlpToken });
  await gateway.app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = gateway.app.server.address() as AddressInfo;
  const exporter = new Exporter({
    url: `http://127.0.0.1:${port}${url}`,
    headers: { authorization: `Bearer ${otlpToken}` },
    temporalityPreference: AggregationTemporality.DELTA as never,
    compression: (encoding.includes("packed") ? "gzip" : "none") as never,
  });
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const resource = resourceFromAttributes({ "council.patch": patch });
  const provider = new MeterProvider({ resource, readers: [reader] });
  const meter = provider.getMeter("shop");
  meter.createGauge("council.accuracy", { unit: "1" }).record(0.97, { "council.arm": "canary" });
  const latency = meter.createHistogram("council.latency", { unit: "ms" });
  for (const value of [10, 20, 60]) latency.record(value, { "council.arm": "baseline" });
  meter.createCounter("shop.orders").add(3);
  await provider.forceFlush();
  await provider.shutdown();
  const samples = await samplesIn(gateway);
  expect(samples).toMatchObject([
    { metric: "accuracy", arm: "canary", value: 0.97, unit: "ratio" },
    { metric: "latency", arm: "baseline", value: 30, unit: "ms" },
  ]);
  for (const { at } of samples) expect(Math.abs(Date.now() - at)).toBeLessThan(60_000);
});

test("P1: the same batch again is the same delivery", async () => {
  await using gateway = await testGateway({ otlpToken });
  const body = request(
    gauge("council.latency", "ms", point(), point({ asInt: "7", asDouble: undefined })),
  );
  for (let turn = 0; turn < 2; turn += 1) {
    const reply = await post(gateway, body);
    expect([reply.statusCode, reply.json()]).toEqual([200, {}]);
  }
  const samples = await samplesIn(gateway);
  expect(samples).toMatchObject([{ value: 12.5, at: 1_800_000_000_000 }, { value: 7 }]);
});

test("what is no sample is rejected with its reasons, and takes nothing from the rest", async () => {
  await using gateway = await testGateway({ otlpToken });
  const body = request(
    gauge("council.latency", "s", point()),
    gauge("council.speed", "ms", point()),
    gauge("council.errors", "1", point({ attributes: attributes("green") })),
    gauge("council.errors", "1", point({ attributes: attributes("canary", "p77-abcdefgh") })),
    gauge("council.cost", "{micro-usd}", point({ flags: 1 }), point({ asDouble: "NaN" })),
    gauge("council.cost", "micro-usd", point({ timeUnixNano: 0 }), point()),
    {
      name: "council.latency",
      unit: "ms",
      histogram: { aggregationTemporality: 2, dataPoints: [point()] },
    },
    gauge("http.server.duration", "ms", point({ attributes: [] })),
  );
  const reply = await post(gateway, body);
  const { partialSuccess } = reply.json<{
    partialSuccess: { rejectedDataPoints: number; errorMessage: string };
  }>();
  expect(partialSuccess.rejectedDataPoints).toBe(8);
  expect(partialSuccess.errorMessage).toContain("council.latency is measured in ms, not in s");
  expect(await samplesIn(gateway)).toMatchObject([{ metric: "cost", value: 12.5 }]);
});

test("hostile bodies are refused, none is taken", async () => {
  await using gateway = await testGateway({ otlpToken });
  const protobuf = { "content-type": "application/x-protobuf" };
  const packed = { "content-encoding": "gzip" };
  const refused: [string | Buffer, Record<string, string>, number][] = [
    ["{", {}, 400],
    ['{"resourceMetrics":7}', {}, 422],
    ['{"__proto__":{"x":1}}', {}, 400],
    [randomBytes(500), protobuf, 400],
    [Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]), protobuf, 400],
    [gzipSync(Buffer.alloc(20_000_000, " ")), packed, 413],
    [Buffer.from("no gzip"), packed, 400],
    [request(), { "content-encoding": "br" }, 400],
    [
      request(gauge("council.latency", "ms", ...Array.from({ length: 5001 }, () => point()))),
      {},
      422,
    ],
    [request(), { "content-type": "text/plain" }, 415],
  ];
  for (const [body, headers, status] of refused)
    expect([status, (await post(gateway, body, headers)).statusCode]).toEqual([status, status]);
  expect(await samplesIn(gateway)).toEqual([]);
});

test("only who has the token or a sender's secret may send", async () => {
  await using gateway = await testGateway({ otlpToken });
  const body = request(gauge("council.latency", "ms", point()));
  const wrong = { authorization: `Bearer ${randomBytes(24).toString("hex")}` };
  expect((await post(gateway, body, wrong)).statusCode).toBe(401);
  expect((await gateway.deliver(url, body)).statusCode).toBe(200);
  expect((await gateway.deliver(url, body, { secret: newSecret() })).statusCode).toBe(401);
  await using closed = await testGateway();
  expect((await post(closed, body)).statusCode).toBe(401);
  expect((await closed.deliver(url, body)).statusCode).toBe(200);
});
