/** Where samples are fetched from, beside those that are pushed; and the messages of the looks there. */
import { metricUnits } from "@council/domain";
import { z } from "zod";

type Metric = keyof typeof metricUnits;
const metricNames = Object.keys(metricUnits) as Metric[];
const promql = z.string().min(1).max(4000);

const querySchema = z
  .strictObject({
    metric: z.enum(metricNames),
    /** The unit the query gives; it must be the metric's own, nothing is converted. */
    unit: z.string().min(1).max(20),
    /** `range` takes every step since the last look, `instant` one value per look. */
    mode: z.enum(["range", "instant"]).default("range"),
    canary: promql,
    baseline: promql.exactOptional(),
  })
  .superRefine(({ metric, unit }, context) => {
    if (unit === metricUnits[metric]) return;
    const message = `${metric} is measured in ${metricUnits[metric]}, not in ${unit}`;
    context.addIssue({ code: "custom", path: ["unit"], message });
  });
export type SourceQuery = z.infer<typeof querySchema>;

/**
 * A Prometheus. In queries `{{patch}}`, `{{stage}}` and `{{repository}}` stand for what is watched,
 * escaped for a quoted PromQL string.
 */
export const sampleSourceSchema = z.strictObject({
  kind: z.literal("prometheus"),
  name: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, "small letters, digits and dashes")
    .default("prometheus"),
  url: z.url({ protocol: /^https?$/ }),
  /** A file with a bearer token; read anew at every look, so that it may rotate. */
  tokenFile: z.string().min(1).max(1000).exactOptional(),
  /** Time between two looks and the step of range queries: what decides a rollback is at most 5 s old. */
  intervalMs: z.number().int().min(250).max(5000).default(5000),
  timeoutMs: z.number().int().min(100).max(10_000).default(4000),
  /** Without a usable value of the canary for so long the source is blind. */
  staleAfterMs: z.number().int().min(1000).max(600_000).default(15_000),
  /** Gives the Unix time in seconds of the newest measurement; an old one makes the source blind. */
  freshness: promql.exactOptional(),
  queries: z.array(querySchema).min(1).max(20),
});
export type SampleSource = z.infer<typeof sampleSourceSchema>;

/** One link of the chain of looks at the sources of one watch. */
export const sourceLookSchema = z.strictObject({
  repository: z.string().min(1).max(200),
  stage: z.string().min(1).max(200),
  /** The watch; when another one runs, or none, the chain ends. */
  token: z.number().int(),
  /** What was measured after this time is new, milliseconds since the epoch. */
  after: z.number().int(),
  dueAt: z.number().int(),
});
export type SourceLook = z.infer<typeof sourceLookSchema>;
