import { inheritedMetrics } from "@council/contracts";
import { outlookOf, type SpendLedger, suspensionsOf, windowsAt } from "@council/domain";
import type { Metrics } from "@council/runtime";

const windows = ["hour", "day", "month"] as const;

/** Gauges over the caps that all calls share; the function given back reads them anew. */
export function spendGauges(
  metrics: Metrics,
  spending: Pick<SpendLedger, "status">,
  heads: readonly string[],
): () => Promise<void> {
  const labels = { window: windows };
  const gauge = (name: string, help: string) => metrics.gauge({ name, help, labels });
  const limit = gauge("council_budget_limit_usd", "The cap; no series where none is set.");
  const reserved = gauge("council_budget_reserved_usd", "Held for calls that are not settled.");
  const settled = gauge("council_budget_settled_usd", "Spent.");
  const degraded = metrics.gauge({
    name: "council_degraded",
    help: "1 while at least one paid head may not spend.",
  });
  const burnRate = metrics.gauge({
    name: inheritedMetrics.dailyBurnRate,
    help: "Share of the daily cap used by share of the UTC day passed: above 1 the cap does not last (name kept for existing dashboards).",
  });
  return async () => {
    const status = await spending.status(heads);
    const at = Date.now();
    for (const account of status.accounts) {
      const window = windows.find((each) => each === account.cap);
      if (window === undefined) continue;
      reserved.set(account.heldMicroUsd / 1e6, { window });
      settled.set(account.spentMicroUsd / 1e6, { window });
      if (account.limitMicroUsd === undefined) continue;
      limit.set(account.limitMicroUsd / 1e6, { window });
      const { burnRate: rate } = outlookOf(
        account,
        account.limitMicroUsd,
        windowsAt(at)[window],
        at,
      );
      if (window === "day") burnRate.set(rate);
    }
    degraded.set(suspensionsOf(status, heads).length > 0 ? 1 : 0);
  };
}
