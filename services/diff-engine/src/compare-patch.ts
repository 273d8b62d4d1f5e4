import type { Blob, Bus, Delivery, Outcome } from "@council/bus";
import { answer, type Assignment, readAssignment } from "@council/contracts";
import { type Candidate, type Comparison, isTierAbove, type Variance } from "@council/domain";
import { candidateDigest, sha256Hex } from "@council/evidence";
import {
  applyDiff,
  type ApplyOutcome,
  fetchCommit,
  type Mirror,
  type Mirrors,
  type TreeChange,
} from "@council/git";
import { type ComparePool, type PoolOutcome } from "./compare-pool.ts";
import { reachOf } from "./reach-of.ts";
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
  const { comparison, blobs } = await compare(comparing, delivery, assignment);
  const command = { type: "record-comparison", base: effect.base, comparison } as const;
  return { ...answer(delivery.message, command), blobs };
}

interface Compared {
  readonly comparison: Comparison;
  /** What people look at, stored beside the answer: the ledger carries its digest alone. */
  readonly blobs: readonly Blob[];
}

async function compare(
  { bus, mirrors, pool, thresholdRatio }: Comparing,
  delivery: Delivery,
  { patch, effect }: Assignment<"compare">,
): Promise<Compared> {
  const mirror = await mirrors(patch.repository);
  const fetched = await fetchCommit(mirror, effect.base);
  if (fetched.kind === "unreachable") throw new Error(`repository unreachable: ${fetched.reason}`);
  const apply = (digest: string) => applyBlob(bus, mirror, delivery.partition, effect.base, digest);
  const [a, b] = await Promise.all([
    apply(effect.a),
    effect.b === undefined ? undefined : apply(effect.b),
  ]);
  if (a.kind === "refused") return refused(describe(a));
  if (a.changes.length === 0) return refused("the patch changes nothing");
  const changesB = b?.kind === "applied" ? b.changes : undefined;
  const files = await readTouchedFiles(mirror, a.changes, changesB);
  const outcome = await pool.compare({ files, hasB: changesB !== undefined, thresholdRatio });
  const candidate = candidateOf(effect, a, outcome);
  const missing =
    b?.kind === "refused" ? `render B does not apply: ${describe(b)}` : "there is only one render";
  const { variance, critical } = varianceOf(outcome, missing);
  const modes = changesB ? differingModes(a.changes, changesB) : [];
  const reach = outcome.kind === "compared" ? reachOf(outcome.result.report) : undefined;
  const comparison = {
    kind: "compared",
    candidate,
    variance,
    critical: [...critical, ...modes].map((line) => line.slice(0, maxLine)),
    ...(reach ? { reach } : {}),
  } as const;
  if (outcome.kind === "gave-up") return { comparison, blobs: [] };
  const bytes = outcome.result.shown;
  const report = sha256Hex(bytes);
  return { comparison: { ...comparison, report }, blobs: [{ digest: report, bytes }] };
}

function refused(reason: string): Compared {
  return { comparison: { kind: "refused", reason: reason.slice(0, maxReason) }, blobs: [] };
}

/** Longest reason and longest critical line the patch takes, characters. */
const maxReason = 2000;
const maxLine = 500;

/** Modes are no text: where the renders disagree on one, the text alone would call them equal. */
function differingModes(a: readonly TreeChange[], b: readonly TreeChange[]): string[] {
  const inA = new Map(a.map((change) => [change.path, change]));
  const inB = new Map(b.map((change) => [change.path, change]));
  return [...new Set([...inA.keys(), ...inB.keys()])].flatMap((path) => {
    const base = (inA.get(path) ?? inB.get(path))?.oldMode;
    const modes = [inA.get(path)?.newMode ?? base, inB.get(path)?.newMode ?? base];
    const isInBoth = !modes.includes("000000");
    return isInBoth && modes[0] !== modes[1] ? [`file mode at ${path}`] : [];
  });
}

/** Anything but a measured interval is unknown, and says why (P3). */
function varianceOf(
  outcome: PoolOutcome,
  missing: string,
): { variance: Variance; critical: string[] } {
  const unknown = (reason: string) => ({
    variance: { kind: "unknown" as const, reason: reason.slice(0, maxReason) || "unknown" },
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
  const tier = report?.tier ?? "destructive";
  const tags = report ? report.riskTags : ["unreadable"];
  // A mode is part of what a file does, and no part of its text.
  const hasNewMode = applied.changes.some(
    ({ newMode, oldMode }) => newMode === "100755" && oldMode !== "100755",
  );
  return {
    base,
    tree,
    diff,
    digest,
    ...(report && !hasNewMode
      ? { semanticDigest: report.semanticDigest, alphaDigest: report.alphaDigest }
      : { semanticDigest: digest }),
    tier: hasNewMode && isTierAbove("service", tier) ? "service" : tier,
    riskTags: hasNewMode ? [...tags, "executable"] : [...tags],
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
  // P2: a stored diff is known by its digest; another text under that name is nobody's render.
  if (sha256Hex(diff) !== digest)
    return {
      kind: "refused",
      code: "malformed",
      reason: "the stored diff does not have its digest",
    };
  return applyDiff(mirror, { base, diff });
}

const describe = ({ code, reason, path }: ApplyOutcome & { kind: "refused" }) =>
  `${code}: ${reason}${path === undefined ? "" : ` (${path})`}`;
