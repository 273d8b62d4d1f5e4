/** What drills have shown: the reports, and which repositories stand behind rules nobody has drilled. */
import { join } from "node:path";
import { type DrillReport, drillOrderSchema, routes } from "@council/contracts";
import { digestOf } from "@council/evidence";
import { readIdempotencyKey, saidBy } from "./act-on-patch.ts";
import { type DrillReports, type Metrics, readDrillReports } from "@council/runtime";
import type { FastifyInstance } from "fastify";
import type { GatewayDeps } from "./gateway.ts";
import type { Guarded } from "./guarded-repositories.ts";
import { checkContentType } from "./intake-routes.ts";
import { GatewayError } from "./problems.ts";
import { checked, parseJson, textOf } from "./read-body.ts";

export interface DrillBook {
  readonly read: () => Promise<DrillReports>;
  /** A drill older than this proves nothing any more, milliseconds. */
  readonly withinMs: number;
}

export type Proof =
  | { readonly kind: "proven"; readonly drilledAt: number }
  | { readonly kind: "unproven"; readonly reason: string };

/** The reports as they are in their folder at each look. */
export function drillBook(settings: {
  readonly drillReports?: string | undefined;
  readonly drillWithinMs: number;
  readonly dataDir: string;
}): DrillBook {
  const dir = settings.drillReports ?? join(settings.dataDir, "drills");
  return { withinMs: settings.drillWithinMs, read: () => readDrillReports(dir) };
}

export function addDrillRoutes(app: FastifyInstance, deps: GatewayDeps): void {
  const { access, drills, repositories, clock } = deps;
  app.get(routes.drills, async (request, reply) => {
    access.reader(request.headers);
    const [read, line] = await Promise.all([drills.read(), deps.drillQueue.look()]);
    const reports = read.kind === "intact" ? read.reports : [];
    return reply.header("cache-control", "no-store").send({
      chain: read.kind === "intact" ? { kind: "intact", count: reports.length } : read,
      repositories: repositories.all.map((guarded) => {
        const proof = proofOf(read, guarded, clock() - drills.withinMs);
        return { id: guarded.config.id, rulesDigest: digestOf(guarded.policy.rules), ...proof };
      }),
      reports: reports.map(reportLine).reverse(),
      line,
    });
  });
  app.post(routes.drills, async (request, reply) => {
    const operator = access.act(request.headers, ["operator"]);
    checkContentType(request, ["application/json"]);
    const { actor, reason, scope } = checked(drillOrderSchema, parseJson(textOf(request.body)));
    const order = { ...saidBy(operator, actor, reason), scope };
    const asked = await deps.drillQueue.ask(
      order,
      readIdempotencyKey(request.headers["idempotency-key"]),
    );
    if (asked.kind === "asked") return reply.code(202).send({ id: asked.id });
    throw new GatewayError("drills-full", {
      detail: "as many drills as may wait are waiting",
      remedy: "let them be carried out: `council drill --serve`",
      retryAfterS: 60,
    });
  });
}

function reportLine(report: DrillReport) {
  const { digest, startedAt, endedAt, outcome, isComprehensive, rulesDigest } = report;
  const { faults, summary } = report;
  return { digest, startedAt, endedAt, outcome, isComprehensive, rulesDigest, faults, summary };
}

/** P3: no report, an old one, or one that cannot be trusted proves nothing. */
export function proofOf(read: DrillReports, { policy }: Guarded, since: number): Proof {
  const unproven = (reason: string): Proof => ({ kind: "unproven", reason });
  if (read.kind === "broken") return unproven(`${read.file}: ${read.reason}`);
  const digest = digestOf(policy.rules);
  const own = read.reports.filter((each) => each.isComprehensive && each.rulesDigest === digest);
  const newest = own.filter(({ outcome }) => outcome !== "aborted").at(-1);
  if (!newest) return unproven("no comprehensive drill of these rules");
  if (newest.outcome !== "passed") return unproven("the newest drill of these rules deviated");
  if (newest.endedAt < since) return unproven("the newest drill of these rules is too long ago");
  return { kind: "proven", drilledAt: newest.endedAt };
}

/** Gauges of what is proven, and of the newest drill; the function given back reads the reports anew. */
export function drillGauge(
  metrics: Metrics,
  { drills, repositories, clock }: Pick<GatewayDeps, "drills" | "repositories" | "clock">,
): () => Promise<void> {
  const unproven = metrics.gauge({
    name: "council_unproven_policies",
    help: "Repositories whose rules no comprehensive drill has passed lately.",
  });
  const showNewest = newestDrillGauges(metrics);
  return async () => {
    const read = await drills.read();
    const since = clock() - drills.withinMs;
    const proofs = repositories.all.map((guarded) => proofOf(read, guarded, since));
    unproven.set(proofs.filter(({ kind }) => kind === "unproven").length);
    showNewest(read.kind === "intact" ? read.reports.at(-1) : undefined);
  };
}

/** All zero while there is no report that can be trusted. */
function newestDrillGauges(metrics: Metrics): (newest: DrillReport | undefined) => void {
  const endedAt = metrics.gauge({
    name: "council_drill_ended_timestamp_seconds",
    help: "When the newest drill ended, seconds since the epoch; 0 without one.",
  });
  const runs = metrics.gauge({
    name: "council_drill_runs",
    help: "Runs of the newest drill, by whether they ended as they must.",
    labels: { outcome: ["expected", "deviated"] },
  });
  const seconds = metrics.gauge({
    name: "council_drill_seconds",
    help: "How long the newest drill's runs took to detect a fault, to take the patch back, and until the measurements had recovered.",
    labels: { phase: ["detection", "revert", "recovery"], share: ["p50", "p95"] },
  });
  return (newest) => {
    endedAt.set((newest?.endedAt ?? 0) / 1000);
    const deviated = newest?.summary.deviated ?? 0;
    runs.set(deviated, { outcome: "deviated" });
    runs.set((newest?.runs.length ?? 0) - deviated, { outcome: "expected" });
    const phases = {
      detection: newest?.summary.detectionMs,
      revert: newest?.summary.revertMs,
      recovery: newest?.summary.recoveryMs,
    };
    for (const [phase, spread] of Object.entries(phases))
      for (const share of ["p50", "p95"] as const)
        seconds.set((spread?.[share] ?? 0) / 1000, { phase, share });
  };
}
