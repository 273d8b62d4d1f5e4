import { oddsGrid } from "./block-odds.ts";

/**
 * Log factors for counts of events in two arms that share whatever the load does, one per intensity
 * ratio of the grid (Lindon & Malek 2022, arXiv 2011.03567). Given that an event happened, it is the
 * canary's with a known chance under the null, whatever the intensity was. Null: the canary's
 * intensity per unit of exposure is at most (1 + `tolerance`) times the baseline's at all times.
 * `direction` "fewer" bets against the null that it is at least that much.
 */
export function countIncrements(
  events: { readonly baseline: number; readonly canary: number },
  exposure: { readonly baseline: number; readonly canary: number },
  options: { readonly tolerance?: number; readonly direction?: "more" | "fewer" } = {},
): number[] {
  const canaryExposure = (1 + (options.tolerance ?? 0)) * exposure.canary;
  const share = canaryExposure / (canaryExposure + exposure.baseline);
  return oddsGrid.map((ratio) => {
    const m = options.direction === "fewer" ? 1 / ratio : ratio;
    const q = (m * share) / (m * share + 1 - share);
    return events.canary * Math.log(q / share) + events.baseline * Math.log((1 - q) / (1 - share));
  });
}
