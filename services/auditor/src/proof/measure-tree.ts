import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BenchmarkConfig } from "@council/contracts";
import { materialise, type Mirror } from "@council/git";
import {
  type BenchmarkOutcome,
  type BenchmarkSet,
  removeTree,
  runBenchmark,
  type SandboxSearch,
} from "@council/providers";

export interface Measuring {
  readonly mirror: Mirror;
  readonly sandbox: SandboxSearch;
  readonly config: Pick<BenchmarkConfig, "command" | "timeoutMs">;
  readonly set: BenchmarkSet;
  readonly signal: AbortSignal;
}

/** How a tree answers a benchmark set, in a folder of its own that is gone afterwards. */
export async function measureTree(
  { mirror, sandbox, config, set, signal }: Measuring,
  tree: string,
): Promise<BenchmarkOutcome> {
  const root = await mkdtemp(join(tmpdir(), "council-benchmark-"));
  try {
    const dir = join(root, "tree");
    await mkdir(dir);
    const written = await materialise(mirror, tree, dir);
    if (written.kind === "refused") return { kind: "inconclusive", reason: written.reason };
    const { command, timeoutMs } = config;
    return await runBenchmark({ sandbox, set, command, timeoutMs, dir, signal });
  } finally {
    await removeTree(root);
  }
}
