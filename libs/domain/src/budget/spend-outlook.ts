import { type Balance, type SpendWindow, usedOf } from "./spend-accounts.ts";

/** Shares of a cap at which people are told. */
export const warningRatios = [0.75, 0.9] as const;

/** How far a cap is used up, and where that leads. */
export interface Outlook {
  readonly usedMicroUsd: number;
  /** Used by the cap's limit; 0–1, above 1 only after a call cost more than its worst case. */
  readonly usedRatio: number;
  /** Share of the cap used by share of the window passed: above 1 the cap does not last. */
  readonly burnRate: number;
  /** What the window ends with if it goes on as it did on average. */
  readonly projectedMicroUsd: number;
  /** The highest warning reached, or 0. */
  readonly warningRatio: number;
}

/** Less of a window says too little about the rest of it. */
const leastShare = 1 / 24;

/** P5: from the balance and the clock alone. The projection is linear in the time passed. */
export function outlookOf(
  balance: Balance,
  limitMicroUsd: number,
  window: SpendWindow,
  now: number,
): Outlook {
  const usedMicroUsd = usedOf(balance);
  const passed = (now - window.from) / (window.to - window.from);
  const share = Math.min(1, Math.max(leastShare, passed));
  // A cap of nothing is used up from the start.
  const usedRatio = limitMicroUsd > 0 ? usedMicroUsd / limitMicroUsd : 1;
  return {
    usedMicroUsd,
    usedRatio,
    burnRate: usedRatio / share,
    projectedMicroUsd: Math.round(usedMicroUsd / share),
    warningRatio: warningRatios.findLast((ratio) => usedRatio >= ratio) ?? 0,
  };
}

/** The warnings a booking steps over, highest last. */
export function warningsCrossed(
  before: number,
  after: number,
  limitMicroUsd: number | undefined,
): number[] {
  if (limitMicroUsd === undefined || limitMicroUsd <= 0) return [];
  return warningRatios.filter(
    (ratio) => before < ratio * limitMicroUsd && after >= ratio * limitMicroUsd,
  );
}
