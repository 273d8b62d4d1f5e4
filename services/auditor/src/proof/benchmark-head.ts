/**
 * A head that also runs the repository's benchmark set on the candidate, in the sandbox, and compares the
 * score with the one an operator approved. Set and command are the operator's; nothing of them is read from
 * the tree under audit, and what is expected never enters the sandbox (P10).
 */
import type { BenchmarkConfig, StoredBaseline } from "@council/contracts";
import { type AccuracyJudgement, type Finding, judgeAccuracy } from "@council/domain";
import { treeOf } from "@council/git";
import { readBenchmarkFile, type SandboxSearch } from "@council/providers";
import type { Repositories } from "@council/runtime";
import type { AuditedChange } from "../audited-change.ts";
import { type Head, type Judgement, judgementOf } from "../head.ts";
import { measureTree } from "./measure-tree.ts";

export interface Benchmarking {
  readonly sandbox: SandboxSearch;
  readonly repositories: Repositories;
  /** The approved score of a repository; undefined when none was ever approved. */
  readonly baselineOf: (repository: string) => Promise<StoredBaseline | undefined>;
  /** The least share of right answers where the repository names none, 0 to 1. */
  readonly floor: number;
  /** Told of the approved score whenever a change is compared with it; for metrics only. */
  readonly onBaseline: (baseline: StoredBaseline) => void;
}

/** Judges as `head` does; then, unless that is a rejection, by the benchmark where there is one. */
export function benchmarkHead(head: Head, benchmarking: Benchmarking): Head {
  return {
    ...head,
    judge: async (change, signal) => {
      const first = await head.judge(change, signal);
      const config = benchmarking.repositories.get(change.patch.repository)?.benchmark;
      if (!config || first.verdict === "reject") return first;
      return joined(first, await measure(benchmarking, config, change, signal));
    },
  };
}

function joined(first: Judgement, found: readonly Finding[]): Judgement {
  const findings = [...first.findings, ...found];
  const { verdict } = judgementOf(findings);
  return { ...first, findings, verdict: verdict === "reject" ? verdict : first.verdict };
}

async function measure(
  benchmarking: Benchmarking,
  config: BenchmarkConfig,
  change: AuditedChange,
  signal: AbortSignal,
): Promise<Finding[]> {
  const read = await readBenchmarkFile(config.set);
  if (read.kind === "faulty") return [unclear(read.reason)];
  const approved = await benchmarking.baselineOf(change.patch.repository);
  if (approved) benchmarking.onBaseline(approved);
  if (approved && approved.score.set !== read.set.digest)
    return [
      unclear(
        `the benchmark set ${short(read.set.digest)} is not the approved ${short(approved.score.set)}`,
      ),
    ];
  const { mirror } = change;
  const measuring = { mirror, sandbox: benchmarking.sandbox, config, set: read.set, signal };
  const candidate = await measureTree(measuring, change.tree);
  if (candidate.kind === "inconclusive") return [unclear(candidate.reason)];
  const base = approved
    ? { ...approved, kind: "scored" as const }
    : await measureTree(measuring, await treeOf(mirror, change.base));
  if (base.kind === "inconclusive") return [unclear(`on the base: ${base.reason}`)];
  const floor = config.floor ?? benchmarking.floor;
  const judgement = judgeAccuracy(candidate.score, base.score, floor);
  const against = approved
    ? `approved by ${approved.actor} (${short(approved.chainHead)})`
    : "measured on the base, for no baseline was approved";
  return [findingOf(judgement, config, `set ${short(read.set.digest)}, baseline ${against}`)];
}

/** P3: no measurement is neither a pass nor a fail; a person is asked. */
function unclear(reason: string): Finding {
  return {
    ruleId: "accuracy-unmeasured",
    severity: "question",
    isHard: false,
    message: `the benchmark says nothing: ${reason}`,
    remedy:
      "put the set and the command in order; approve a new set with `council accuracy approve`",
  };
}

function findingOf(
  { kind, why, newlyWrong }: AccuracyJudgement,
  { onDrop }: BenchmarkConfig,
  basis: string,
): Finding {
  const named =
    newlyWrong.length === 0 ? "" : `; newly wrong: ${newlyWrong.slice(0, 20).join(", ")}`;
  const message = `${why} (${basis})${named}`;
  if (kind === "kept") return { ruleId: "accuracy-kept", severity: "info", isHard: false, message };
  const severity = kind === "unclear" && onDrop === "reject" ? "question" : severities[onDrop];
  const remedy =
    "correct the answers; if the loss is meant, approve the new score with `council accuracy approve`";
  return { ruleId: "accuracy-drop", severity, isHard: false, message, remedy };
}

const severities = { reject: "error", ask: "question", report: "warning" } as const;

const short = (digest: string) => digest.slice(0, 12);
