import type { Bus, Delivery, Outcome } from "@council/bus";
import { answer, type Assignment, readAssignment } from "@council/contracts";
import type { Candidate, Comparison, Variance } from "@council/domain";
import { candidateDigest } from "@council/evidence";
import {
  applyDiff,
  type ApplyOutcome,
  fetchBranches,
  type Mirror,
  type Mirrors,
} from "@council/git";
import { type ComparePool, type PoolOutcome } from "./compare-pool.ts";
import { readTouchedFiles } from "./read-touched-files.ts";

export interface Comparing {
  readonly bus: Bus;
  readonly mirrors: Mirrors;
  readonly pool: ComparePool;
  readonly thresholdRatio: number;
}

/** Both renders become trees on the base; their structural variance and what the change does are reported. */
export async function comparePatch(comparing: Comparing, delivery: Delivery): Promise<Outcome> {
  const assignment = readAssignment(delivery.message.body, ["compare"]);
  if (!assignment) throw new Error(`not a comparison: ${delivery.message.type}`);
  const { effect } = assignment;
  const comparison = await compare(comparing, delivery, assignment);
  return answer(delivery.message, { type: "record-comparison", base: effect.base, comparison });
}

async function compare(
  { bus, mirrors, pool, thresholdRatio }: Comparing,
  delivery: Delivery,
  { patch, effect }: Assignment<"compare">,
): Promise<Comparison> {
  const mirror = await mirrors(patch.repository);
  const fetched = await fetchBranches(mirror);
  if (fetched.kind === "unreachable") throw new Error(`repository unreachable: ${fetched.reason}`);
  const apply = (digest: string) => applyBlob(bus, mirror, delivery.partition, effect.base, digest);
  const a = await apply(effect.a);
  if (a.kind === "refused") return { kind: "refused", reason: describe(a) };
  if (a.changes.length === 0) return { kind: "refused", reason: "the patch changes nothing" };
  const b = effect.b === undefined ? undefined : await apply(effect.b);
  const treeB = b?.kind === "applied" ? b.tree : undefined;
  const paths = new Set(
    [a, b].flatMap((side) =>
      side?.kind === "applied" ? side.changes.map(({ path }) => path) : [],
    ),
  );
  const trees = { base: effect.base, a: a.tree, ...(treeB === undefined ? {} : { b: treeB }) };
  const files = await readTouchedFiles(mirror, trees, [...paths].sort());
  const outcome = await pool.compare({ files, hasB: treeB !== undefined, thresholdRatio });
  const candidate = candidateOf(effect, a, outcome);
  const missing =
    b?.kind === "refused" ? `render B does not apply: ${describe(b)}` : "there is only one render";
  return { kind: "compared", candidate, ...varianceOf(outcome, missing) };
}

/** Anything but a measured interval is unknown, and says why (P3). */
function varianceOf(
  outcome: PoolOutcome,
  missing: string,
): { variance: Variance; critical: string[] } {
  const unknown = (reason: string) => ({
    variance: { kind: "unknown" as const, reason },
    critical: [],
  });
  if (outcome.kind === "gave-up") return unknown(outcome.reason);
  const { comparison } = outcome.result;
  if (!comparison) return unknown(missing);
  if (comparison.kind === "unmeasured")
    return unknown([comparison.reason, comparison.path].filter(Boolean).join(": "));
  const [low, high] = comparison.interval;
  const critical = comparison.critical.map(
    ({ path, category, lineA, lineB }) => `${category} at ${path}:${lineA ?? lineB ?? 0}`,
  );
  return { variance: { kind: "measured", low, high }, critical };
}

/** A change that could not be read counts as destructive, and has no semantic digest but its own. */
function candidateOf(
  { base, a: diff }: Assignment<"compare">["effect"],
  applied: ApplyOutcome & { kind: "applied" },
  outcome: PoolOutcome,
): Candidate {
  const { tree } = applied;
  const digest = candidateDigest({ base, tree, diff });
  const report = outcome.kind === "compared" ? outcome.result.report : undefined;
  return {
    base,
    tree,
    diff,
    digest,
    semanticDigest: report?.semanticDigest ?? digest,
    tier: report?.tier ?? "destructive",
    riskTags: report ? [...report.riskTags] : ["unreadable"],
    paths: applied.changes.map(({ path }) => path),
  };
}

async function applyBlob(
  bus: Bus,
  mirror: Mirror,
  partition: number,
  base: string,
  digest: string,
): Promise<ApplyOutcome> {
  const diff = await bus.readBlob(partition, digest);
  if (!diff) throw new Error(`the diff ${digest} is not stored`);
  return applyDiff(mirror, { base, diff });
}

const describe = ({ code, reason, path }: ApplyOutcome & { kind: "refused" }) =>
  `${code}: ${reason}${path === undefined ? "" : ` (${path})`}`;
