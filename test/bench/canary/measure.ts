import { upperBound } from "@council/domain";
import type { Rival, Truth } from "./rivals.ts";
import type { LookValues } from "./traffic.ts";

/** How often a rival took back, of how many runs, and what that proves. */
export interface Rate {
  readonly reverts: number;
  readonly runs: number;
  readonly ratio: number;
  /** One-sided 95 % upper bound (Clopper and Pearson 1934). */
  readonly upperBound: number;
}

/** The look at which the rival takes the patch back, or undefined. */
export function followRun(
  rival: Rival,
  truth: Truth,
  looks: number,
  next: () => LookValues,
): number | undefined {
  const watcher = rival.start(truth);
  for (let look = 1; look <= looks; look += 1) if (watcher.look(next())) return look;
  return undefined;
}

/** Looks from the onset on; null where harm was missed, or the patch was taken back before there was any. */
export function lookOfDetection(look: number | undefined, before: number): number | null {
  return look === undefined || look <= before ? null : look - before;
}

export function rateOf(reverts: number, runs: number): Rate {
  return { reverts, runs, ratio: reverts / runs, upperBound: upperBound(reverts, runs, 0.05) };
}
