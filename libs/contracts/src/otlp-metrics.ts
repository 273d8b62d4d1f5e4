/**
 * The part of OTLP's ExportMetricsServiceRequest (opentelemetry-proto 1.x) that Council reads, as its JSON
 * encoding has it. Everything else that a collector sends along is let through and not looked at.
 */
import { z } from "zod";

const attributesSchema = z
  .array(
    z.looseObject({
      key: z.string(),
      value: z.looseObject({ stringValue: z.string().optional() }).optional(),
    }),
  )
  .default([]);

/** 64-bit numbers are text in OTLP's JSON; numbers are taken too. */
const wholeSchema = z.union([z.string().regex(/^-?\d{1,20}$/), z.number().int()]);
const doubleSchema = z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"])]);

const pointCore = {
  attributes: attributesSchema,
  timeUnixNano: wholeSchema.default(0),
  /** Bit 0: no value was recorded. */
  flags: z.number().int().default(0),
};
const numberPointSchema = z.looseObject({
  ...pointCore,
  asDouble: doubleSchema.optional(),
  asInt: wholeSchema.optional(),
});
const histogramPointSchema = z.looseObject({
  ...pointCore,
  count: wholeSchema.default(0),
  sum: doubleSchema.optional(),
});

const metricSchema = z.looseObject({
  name: z.string().default(""),
  unit: z.string().default(""),
  gauge: z.looseObject({ dataPoints: z.array(numberPointSchema).default([]) }).optional(),
  histogram: z
    .looseObject({
      dataPoints: z.array(histogramPointSchema).default([]),
      /** 1: each point stands for the time since the one before. */
      aggregationTemporality: z.union([z.number(), z.string()]).default(0),
    })
    .optional(),
});
export type OtlpMetric = z.infer<typeof metricSchema>;

export const otlpMetricsSchema = z.looseObject({
  resourceMetrics: z
    .array(
      z.looseObject({
        resource: z.looseObject({ attributes: attributesSchema }).optional(),
        scopeMetrics: z
          .array(z.looseObject({ metrics: z.array(metricSchema).default([]) }))
          .default([]),
      }),
    )
    .default([]),
});
export type OtlpMetrics = z.infer<typeof otlpMetricsSchema>;
export type OtlpAttributes = z.infer<typeof attributesSchema>;

/** Names by which a telemetry pipeline says what a measurement is about. */
export const otlpNames = {
  /** Before the metric's own name: `council.latency`. */
  metricPrefix: "council.",
  patch: "council.patch",
  arm: "council.arm",
} as const;
