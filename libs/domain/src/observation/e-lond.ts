/**
 * Which of many patches were taken back on good grounds, with the share of wrong ones under control.
 * e-LOND (Xu & Ramdas 2024, arXiv 2311.06412): patch t is a discovery when its e-value reaches
 * 1/(alpha·gamma(t)·(discoveries before + 1)), gamma(t) = 1/(t(t+1)). Then the expected share of harmless
 * patches among the discoveries is at most alpha at any time, however the e-values depend on each other.
 */
export interface Discoveries {
  readonly alpha: number;
  /** Patches seen. */
  readonly seen: number;
  readonly found: number;
}

export const beginDiscoveries = (alpha: number): Discoveries => ({ alpha, seen: 0, found: 0 });

/** Takes in the ln e-value a patch ended with, in the order patches ended. */
export function discover(
  before: Discoveries,
  logEvidence: number,
): { readonly after: Discoveries; readonly isDiscovery: boolean; readonly neededLog: number } {
  const seen = before.seen + 1;
  const level = (before.alpha * (before.found + 1)) / (seen * (seen + 1));
  const neededLog = -Math.log(level);
  const isDiscovery = logEvidence >= neededLog;
  const after = { ...before, seen, found: before.found + (isDiscovery ? 1 : 0) };
  return { after, isDiscovery, neededLog };
}
