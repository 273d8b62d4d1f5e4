import { digestOf } from "./canonical.ts";

/**
 * What a vote is bound to (P2): SHA-256 over the base commit, the candidate tree and the SHA-256 of
 * the diff that leads from one to the other. Whoever votes or lands computes it anew.
 */
export function candidateDigest(candidate: { base: string; tree: string; diff: string }): string {
  const { base, tree, diff } = candidate;
  return digestOf({ base, tree, diff });
}

/** The full SHA-256 over a vote's structured explanation and the change it is about, never over prose. */
export function metaHashOf(input: {
  digest: string;
  verdict: string;
  findings: readonly {
    ruleId: string;
    severity: string;
    isHard: boolean;
    path?: string;
    line?: number;
    waivedBy?: string;
  }[];
}): string {
  const findings = input.findings.map(({ ruleId, severity, isHard, path, line, waivedBy }) => ({
    ruleId,
    severity,
    isHard,
    path: path ?? null,
    line: line ?? null,
    ...(waivedBy === undefined ? {} : { waivedBy }),
  }));
  return digestOf({ digest: input.digest, verdict: input.verdict, findings });
}
