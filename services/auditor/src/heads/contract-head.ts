import { posix } from "node:path";
import { reportChange } from "@council/ast-diff";
import { type Finding, isTierAbove, type Tier } from "@council/domain";
import type { AuditedChange } from "../audited-change.ts";
import { abstain, type Head, judgementOf } from "../head.ts";

/** Holds the change against what its author declared. Without a declaration it has no say. */
export const contractHead: Head = {
  name: "contract",
  judge: async (change) => {
    const { sheet } = change.patch;
    if (!sheet) return abstain("no-action-sheet", "the patch declares nothing to hold it to");
    const undeclared = change.files.flatMap(({ change: { path } }) =>
      sheet.paths.some((pattern) => posix.matchesGlob(path, pattern)) ? [] : [outsidePaths(path)],
    );
    return judgementOf([...undeclared, ...(await beyondTier(change, sheet.tier))]);
  },
};

function outsidePaths(path: string): Finding {
  return {
    ruleId: "undeclared-path",
    severity: "error",
    isHard: true,
    path,
    message: "the patch touches a path its action sheet does not declare",
    remedy: "declare the path in the action sheet, or leave it alone",
  };
}

async function beyondTier(change: AuditedChange, declared: Tier | undefined): Promise<Finding[]> {
  if (declared === undefined) return [];
  const files = change.files.map(({ change: { path }, before, after }) => ({
    path,
    base: before,
    candidate: after,
  }));
  const { tier, riskTags } = await reportChange({ files });
  if (!isTierAbove(tier, declared)) return [];
  return [
    {
      ruleId: "beyond-declared-tier",
      severity: "error",
      isHard: true,
      message: `the change is of tier ${tier} (${riskTags.join(", ")}), declared was ${declared}`,
      remedy: "declare the tier the change really has",
    },
  ];
}
