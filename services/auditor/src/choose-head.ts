import { findSandbox } from "@council/providers";
import { type Repositories, RuntimeError } from "@council/runtime";
import type { Head } from "./head.ts";
import { contractHead } from "./heads/contract-head.ts";
import { proofHead } from "./heads/proof-head.ts";
import { rulesHead } from "./heads/rules-head.ts";

/** The head an operator asked for. The head that runs code is refused without a sandbox. */
export async function chooseHead(
  name: "rules" | "proof" | "contract",
  repositories: Repositories,
): Promise<Head> {
  switch (name) {
    case "rules":
      return rulesHead;
    case "contract":
      return contractHead;
    case "proof": {
      const sandbox = await findSandbox();
      if (sandbox.kind === "available") return proofHead({ sandbox, repositories });
      throw new RuntimeError(
        "configuration-refused",
        `sandbox: ${sandbox.reason}; ${sandbox.remedy}`,
      );
    }
  }
}
