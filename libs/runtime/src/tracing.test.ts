import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { patchTrace, readTraceparent, traceparentOf } from "@council/evidence";
import { afterEach, describe, expect, test } from "vitest";
import { createLog } from "./log.ts";
import { otlpTracer } from "./otlp-tracer.ts";
import { registerSecret } from "./redaction.ts";
import { startOtlpReceiver } from "./testing/otlp-receiver.ts";
import {
  recordSpan,
  setTracer,
  stamped,
  stopTracing,
  traced,
  tracedHandler,
  traceFields,
} from "./tracing.ts";

const patchId = "p03-abcdefgh";
const other = "p03-bbbbbbbb";
const message = { id: "m1", type: "audit", subject: patchId, correlationId: patchId, v: 1, at: 0 };
const delivery = (changes: object = {}) => ({
  inbox: "auditor:rules",
  deliveryCount: 1,
  message: { ...message, ...changes },
});
type Work = (given: ReturnType<typeof delivery>) => Promise<{ messages?: object[] }>;

function captured() {
  const lines: string[] = [];
  const log = createLog({ service: "t", destination: { write: (line) => void lines.push(line) } });
  return { log, lines };
}

async function tracing(status = 200, headers = "") {
  const receiver = await startOtlpReceiver(status);
  const { log, lines } = captured();
  setTracer(otlpTracer({ service: "t", endpoint: `${receiver.url}/`, headers }, log));
  return { ...receiver, log, lines };
}

afterEach(stopTracing);

describe("off", () => {
  test("a handler is left as it is, and no message and no line carries a trace", async () => {
    const handler: Work = async () => ({ messages: [{ message }] });
    expect(tracedHandler(handler)).toBe(handler);
    expect(stamped(message)).toBe(message);
    expect(await traced("x", {}, async () => traceFields())).toEqual({});
    recordSpan({ name: "x", role: "client", fields: {}, durationMs: 1 });
  });

  test("nothing that makes or sends spans is loaded", async () => {
    const script = `
      import { registerHooks } from "node:module";
      const seen = [];
      registerHooks({ resolve: (name, context, next) => (seen.push(name), next(name, context)) });
      await import(${JSON.stringify(join(import.meta.dirname, "index.ts"))});
      console.log(seen.length, seen.filter((name) => /opentelemetry.(sdk|exporter)/.test(name)).length);`;
    const words = ["--input-type=module", "-e", script];
    const { stdout } = await promisify(execFile)(process.execPath, words);
    const [all, ofOtel] = stdout.trim().split(" ").map(Number);
    expect(all).toBeGreaterThan(20);
    expect(ofOtel).toBe(0);
  });
});

describe("on", () => {
  test("work on a patch is in the patch's trace, below what caused it", async () => {
    await using to = await tracing();
    const cause = { traceId: patchTrace(patchId).traceId, spanId: "b7ad6b7169203331" };
    const seen: object[] = [];
    const handler: Work = async () => {
      seen.push(traceFields());
      return { messages: [{ inbox: "x", message: { ...message, id: "m2" } }] };
    };
    const run = tracedHandler(handler);
    const outcome = await run(delivery({ traceparent: traceparentOf(cause) }));
    await stopTracing();
    const [span] = to.spans;
    expect(to.spans).toHaveLength(1);
    expect(span).toMatchObject({ ...cause, spanId: span?.spanId, parentSpanId: cause.spanId });
    expect(span).toMatchObject({ service: "t", name: "audit auditor:rules" });
    expect(span?.fields).toMatchObject({ "council.patch": patchId, "council.delivery": 1 });
    expect(seen).toEqual([{ trace_id: cause.traceId, span_id: span?.spanId }]);
    const [sent] = outcome.messages as [{ message: { traceparent: string } }];
    expect(readTraceparent(sent.message.traceparent)?.spanId).toBe(span?.spanId);
  });

  test.each([
    ["nothing", undefined],
    ["another patch's trace", traceparentOf(patchTrace(other))],
    ["nonsense", "00-xyz"],
  ])("a message with %s begins at its patch's first span", async (_what, traceparent) => {
    await using to = await tracing();
    await tracedHandler<Work>(async () => ({}))(delivery(traceparent ? { traceparent } : {}));
    await stopTracing();
    const { traceId, spanId } = patchTrace(patchId);
    expect(to.spans).toMatchObject([{ traceId, parentSpanId: spanId }]);
  });

  test("a word to another patch does not carry this one's trace over", async () => {
    await using to = await tracing();
    const handler: Work = async () => ({
      messages: [{ message: { ...message, correlationId: other } }, { message }],
    });
    const { messages } = await tracedHandler(handler)(delivery());
    const traces = (messages as { message: { traceparent: string } }[]).map(
      (sent) => readTraceparent(sent.message.traceparent)?.traceId,
    );
    expect(traces).toEqual([other, patchId].map((id) => patchTrace(id).traceId));
    await stopTracing();
    expect(to.spans).toHaveLength(1);
  });

  test("samples make no spans, and a failure is named, never quoted", async () => {
    await using to = await tracing();
    await tracedHandler<Work>(async () => ({}))(delivery({ type: "samples" }));
    const failing = tracedHandler<Work>(() => Promise.reject(new TypeError("text of a stranger")));
    await expect(failing(delivery())).rejects.toThrow("stranger");
    await stopTracing();
    expect(to.spans).toMatchObject([{ fields: { "error.type": "TypeError" } }]);
    expect(to.bodies.join("")).not.toContain("stranger");
  });

  test("the first span of a trace has the place everybody names", async () => {
    await using to = await tracing();
    const place = patchTrace(patchId);
    recordSpan({ name: "POST /v1/patches", role: "server", fields: {}, place, durationMs: 5 });
    recordSpan({ name: "second", role: "internal", fields: {}, parent: place, durationMs: 5 });
    await stopTracing();
    expect(to.spans).toMatchObject([
      { ...place, parentSpanId: "" },
      { traceId: place.traceId, parentSpanId: place.spanId },
    ]);
  });

  test("no span holds a secret, and headers go along", async () => {
    const [known, token] = [
      randomBytes(20).toString("hex"),
      `ghp_${randomBytes(18).toString("hex")}`,
    ];
    registerSecret(known);
    await using to = await tracing(200, `authorization=Bearer%20${known},x-tenant=a`);
    await traced(
      "x",
      { note: `before ${known} after`, place: `https://a:${token}@host` },
      async () => {},
    );
    await stopTracing();
    expect(to.headers[0]).toMatchObject({ authorization: `Bearer ${known}`, "x-tenant": "a" });
    expect(to.spans).toMatchObject([{ fields: { note: "before [redacted] after" } }]);
    expect(to.bodies.join("")).not.toContain(token);
  });

  test("a collector that refuses is a line in the log and disturbs nobody", async () => {
    await using to = await tracing(400);
    await traced("x", {}, async () => {});
    await stopTracing();
    expect(to.bodies).toHaveLength(1);
    expect(to.lines.join("")).toContain('"msg":"traces"');
  });
});
