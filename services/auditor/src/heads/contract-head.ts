import { reportChange } from "@council/ast-diff";
import { matchesPattern, type Finding, isTierAbove, type Tier } from "@council/domain";
import type { AuditedChange, AuditedFile } from "../audited-change.ts";
import { abstain, type Head, type Judgement, judgementOf } from "../head.ts";

/** Reading what the change does may take this long; the process has other votes to cast. */
const timeBudgetMs = 10_000;

/** Holds the change against what its author declared. Without a declaration it has no say. */
export const contractHead: Head = {
  name: "contract",
  judge: async (change) => {
    const { sheet } = change.patch;
    if (!sheet) return abstain("no-action-sheet", "the patch declares nothing to hold it to");
    const undeclared = change.files.flatMap(({ change: { path } }) =>
      sheet.paths.some((pattern) => matchesPattern(path, pattern)) ? [] : [outsidePaths(path)],
    );
    if (undeclared.length > 0 || sheet.tier === undefined) return judgementOf(undeclared);
    return await judgeTier(change, sheet.tier);
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

async function judgeTier(change: AuditedChange, declared: Tier): Promise<Judgement> {
  const files = change.files.map(textsOf);
  const { tier, riskTags, unknown } = await reportChange({ files, caps: { timeBudgetMs } });
  // P3: a tier that was not read in time is unknown, and neither within nor beyond the declared one.
  if (unknown.some(({ reason }) => reason === "timeout"))
    return abstain("not-read-in-time", `the change was not read within ${timeBudgetMs} ms`);
  if (!isTierAbove(tier, declared)) return judgementOf([]);
  return judgementOf([
    {
      ruleId: "beyond-declared-tier",
      severity: "error",
      isHard: true,
      message: `the change is of tier ${tier} (${riskTags.join(", ")}), declared was ${declared}`,
      remedy: "declare the tier the change really has",
    },
  ]);
}

/** A side that exists but cannot be read is told from one that does not exist, and from another. */
function textsOf({ change, before, after }: AuditedFile) {
  const { path, oldBlob, newBlob } = change;
  return { path, base: before ?? standIn(oldBlob), candidate: after ?? standIn(newBlob) };
}

const standIn = (blob: string | undefined) => (blob === undefined ? undefined : `\0${blob}`);
