import { findSandbox } from "@council/providers";
import { type Repositories, RuntimeError } from "@council/runtime";
import { type Benchmarking, benchmarkHead } from "./proof/benchmark-head.ts";
import type { Head } from "./head.ts";
import { contractHead } from "./heads/contract-head.ts";
import { guardHead } from "./heads/guard-head.ts";
import { proofHead } from "./heads/proof-head.ts";
import { rulesHead } from "./heads/rules-head.ts";
import { openRulesPool } from "./rules/rules-pool.ts";

/** What the benchmark of a repository is held to. */
export type Accuracy = Omit<Benchmarking, "sandbox" | "repositories">;

/** One change after the other, and none for longer than this. */
const rulesLimits = { workers: 1, timeoutMs: 60_000 };

/** The head an operator asked for. A head that runs code is refused without a sandbox. */
export async function chooseHead(
  name: string,
  repositories: Repositories,
  accuracy: Accuracy,
): Promise<Head> {
  switch (name) {
    case "rules":
      return rulesHead(openRulesPool(rulesLimits));
    case "contract":
      return contractHead;
    case "proof":
      return sandboxedProof(repositories, accuracy);
    case "guard":
      return guardHead(
        rulesHead(openRulesPool(rulesLimits)),
        await sandboxedProof(repositories, accuracy),
      );
    default:
      throw new RuntimeError("configuration-refused", `COUNCIL_HEAD: "${name}" ${unknownHead}`);
  }
}

const unknownHead =
  "asks no model; name rules, proof, guard or contract, or say whose model it is by COUNCIL_HEAD_PROVIDER";

async function sandboxedProof(repositories: Repositories, accuracy: Accuracy): Promise<Head> {
  const sandbox = await findSandbox();
  if (sandbox.kind === "available")
    return benchmarkHead(proofHead({ sandbox, repositories }), {
      sandbox,
      repositories,
      ...accuracy,
    });
  throw new RuntimeError("configuration-refused", `sandbox: ${sandbox.reason}; ${sandbox.remedy}`);
}
