import type { SpendAlert, SpendCaps, SpendMode } from "@council/domain";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import type { SettingValues } from "./setting.ts";
import { defineSettings } from "./settings.ts";

const capped = (what: string) =>
  `The most ${what}, US dollars; what a call may cost at worst is counted before it is made.`;

/** What may be spent on paid calls. Every process that pays or decides reads the same values. */
export const spendSettings = defineSettings({
  costDailyLimit: {
    env: "COST_DAILY_LIMIT",
    kind: "microUsd",
    default: "0.50",
    meaning: capped("that is spent in one UTC day"),
  },
  costHourlyLimit: {
    env: "COST_HOURLY_LIMIT",
    kind: "microUsd",
    meaning: capped("that is spent in one UTC hour"),
  },
  costMonthlyLimit: {
    env: "COST_MONTHLY_LIMIT",
    kind: "microUsd",
    meaning: capped("that is spent in one UTC month"),
  },
  costPatchLimit: {
    env: "COST_PATCH_LIMIT",
    kind: "microUsd",
    meaning: capped("one patch may cost in its life"),
  },
  costRepositoryLimit: {
    env: "COST_REPOSITORY_DAILY_LIMIT",
    kind: "microUsd",
    meaning: capped("the patches of one repository may cost in one UTC day"),
  },
  costSenderLimit: {
    env: "COST_SENDER_DAILY_LIMIT",
    kind: "microUsd",
    meaning: capped("the patches of one sender may cost in one UTC day"),
  },
  costHeadLimit: {
    env: "COST_HEAD_DAILY_LIMIT",
    kind: "microUsd",
    meaning: capped("one head or builder may spend in one UTC day"),
  },
  auditMode: {
    env: "O3_AUDIT_MODE",
    kind: "string",
    oneOf: ["normal", "degraded"],
    default: "normal",
    meaning: "`degraded` suspends every paid seat: the others decide, or the patch is held.",
  },
});

/** Caps and mode as the spend ledger takes them. */
export function spendRules(values: SettingValues<typeof spendSettings>): {
  readonly caps: SpendCaps;
  readonly mode: SpendMode;
} {
  return {
    caps: {
      hour: values.costHourlyLimit,
      day: values.costDailyLimit,
      month: values.costMonthlyLimit,
      patch: values.costPatchLimit,
      repository: values.costRepositoryLimit,
      sender: values.costSenderLimit,
      head: values.costHeadLimit,
    },
    mode: values.auditMode,
  };
}

const caps = ["hour", "day", "month", "patch", "repository", "sender", "head"] as const;
const switches = [
  "emergency-stop",
  "degraded-mode",
  "ledger-unavailable",
  "price",
  "call",
] as const;

/** Counts and logs what the spend ledger of this process has to tell. */
export function spendAlerts(metrics: Metrics, log: Log): (alert: SpendAlert) => void {
  const refused = metrics.counter({
    name: "council_budget_refused_total",
    help: "Paid calls refused before they were made, by the cap in the way.",
    labels: { cap: [...caps, ...switches] },
  });
  const alerts = metrics.counter({
    name: "council_budget_alerts_total",
    help: "Caps nearly used up, calls that cost more than their worst case, calls left unsettled.",
    labels: { kind: ["warning", "overrun", "unsettled"] },
  });
  return (alert) => {
    if (alert.kind === "refused") {
      refused.add(1, { cap: alert.cap });
      log.warn({ cap: alert.cap, reason: alert.reason }, "a paid call was refused");
      return;
    }
    alerts.add(1, { kind: alert.kind });
    log.warn({ ...alert }, `spending: ${alert.kind}`);
  };
}
