/** What a drill says of itself: checked against a schema, chained to the report before it by digest. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { digestOf, genesisDigest } from "@council/evidence";
import { z } from "zod";
import { renderPage } from "./report-page.ts";

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);
const msSchema = z.number().int().min(0);
const textSchema = z.string().max(20_000);

const runSchema = z.strictObject({
  id: textSchema,
  fault: textSchema,
  repeat: z.number().int().min(1),
  patchId: textSchema,
  stage: z.enum(["canary", "target"]),
  submittedAt: msSchema,
  /** When the fault began; absent when the patch never came so far. */
  struckAt: msSchema.exactOptional(),
  revertStartedAt: msSchema.exactOptional(),
  restedAt: msSchema.exactOptional(),
  ending: textSchema,
  ruleId: textSchema.exactOptional(),
  metric: textSchema.exactOptional(),
  why: textSchema.exactOptional(),
  /** Canary samples of the deciding metric when it was decided. */
  canarySamples: z.number().int().min(0).exactOptional(),
  refusedDeliveries: z.number().int().min(1).exactOptional(),
  /** From the fault to the decision. */
  detectionMs: msSchema.exactOptional(),
  /** From the decision to the verified revert. */
  recoveryMs: msSchema.exactOptional(),
  isClean: z.boolean(),
  deviations: z.array(textSchema),
});

const spreadSchema = z.strictObject({
  count: z.number().int().min(1),
  p50: msSchema,
  p95: msSchema,
  max: msSchema,
});

const contentSchema = z.strictObject({
  v: z.literal(1),
  startedAt: msSchema,
  endedAt: msSchema,
  seed: z.number().int().min(0),
  /** What was in force; another digest is another policy, and this report says nothing of it. */
  rulesDigest: sha256Schema,
  faults: z.array(textSchema),
  versions: z.record(z.string(), textSchema),
  target: z.strictObject({ title: textSchema, base: textSchema, tree: textSchema }),
  preflight: z.array(z.strictObject({ name: textSchema, holds: z.boolean(), detail: textSchema })),
  runs: z.array(runSchema),
  summary: z.strictObject({
    detectionMs: spreadSchema.exactOptional(),
    recoveryMs: spreadSchema.exactOptional(),
    deviated: z.number().int().min(0),
    harmless: z.strictObject({
      runs: z.number().int().min(0),
      takenBack: z.number().int().min(0),
      /** Clopper-Pearson, one-sided 95 %. */
      upperBoundRatio: z.number().min(0).max(1),
    }),
  }),
  outcome: z.enum(["passed", "deviated", "aborted"]),
  abortedBecause: textSchema.exactOptional(),
});

export const drillReportSchema = z.strictObject({
  ...contentSchema.shape,
  /** Digest of the report before this one. */
  prev: sha256Schema,
  /** Over everything but itself (RFC 8785, SHA-256). */
  digest: sha256Schema,
});

export type DrillRun = z.infer<typeof runSchema>;
export type DrillContent = z.infer<typeof contentSchema>;
export type DrillReport = z.infer<typeof drillReportSchema>;

export type ReportChain =
  | { readonly kind: "intact"; readonly reports: readonly DrillReport[] }
  | { readonly kind: "broken"; readonly file: string; readonly reason: string };

const fileName = /^drill-\d{8}T\d{9}Z\.json$/;

/** Reads every report in `dir`, oldest first, and checks that none was changed or taken out between. */
export async function readReports(dir: string): Promise<ReportChain> {
  const names = await readdir(dir).catch(() => []);
  const reports: DrillReport[] = [];
  for (const file of names.filter((name) => fileName.test(name)).sort()) {
    const text = await readFile(join(dir, file), "utf8");
    const parsed = drillReportSchema.safeParse(jsonOf(text));
    if (!parsed.success)
      return {
        kind: "broken",
        file,
        reason: `not a drill report: ${z.prettifyError(parsed.error)}`,
      };
    const { digest, ...rest } = parsed.data;
    if (digestOf(rest) !== digest) return { kind: "broken", file, reason: "it was changed" };
    if (rest.prev !== (reports.at(-1)?.digest ?? genesisDigest))
      return { kind: "broken", file, reason: "the report before it is missing or another one" };
    reports.push(parsed.data);
  }
  return { kind: "intact", reports };
}

export interface WrittenReport {
  readonly report: DrillReport;
  readonly jsonFile: string;
  readonly pageFile: string;
}

/** Writes the report as JSON and as a page, chained to the newest in `dir`; rejects on a broken chain. */
export async function writeReport(dir: string, content: DrillContent): Promise<WrittenReport> {
  await mkdir(dir, { recursive: true });
  const chain = await readReports(dir);
  if (chain.kind === "broken") throw new Error(`${join(dir, chain.file)}: ${chain.reason}`);
  const before = chain.reports.at(-1);
  const unsigned = { ...contentSchema.parse(content), prev: before?.digest ?? genesisDigest };
  const report = drillReportSchema.parse({ ...unsigned, digest: digestOf(unsigned) });
  const stamp = new Date(content.endedAt).toISOString().replaceAll(/[-:.]/g, "");
  const stem = join(dir, `drill-${stamp}`);
  await writeFile(`${stem}.json`, `${JSON.stringify(report, undefined, 2)}\n`, { flag: "wx" });
  await writeFile(`${stem}.html`, renderPage(report, before));
  return { report, jsonFile: `${stem}.json`, pageFile: `${stem}.html` };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
