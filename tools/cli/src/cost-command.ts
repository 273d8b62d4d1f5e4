/** `council cost`: what is spent, what is left, why spending has stopped and when it goes on. */
import { routes } from "@council/contracts";
import { dollars } from "@council/domain";
import type { Command } from "commander";
import { z } from "zod";
import { actionOf } from "./act-on-patch.ts";
import { askForText, gatewayOf } from "./ask-gateway.ts";
import { type ActOptions, withActor, withExamples } from "./gateway-command.ts";
import { printable, say } from "./terminal.ts";

const amount = z.number();
const windowSchema = z.object({
  cap: z.string(),
  limitMicroUsd: amount.nullable(),
  heldMicroUsd: amount,
  spentMicroUsd: amount,
  resetAt: z.number(),
  usedRatio: amount.optional(),
  projectedMicroUsd: amount.optional(),
  warningRatio: amount.optional(),
});
const sumsSchema = z.array(
  z.object({ name: z.string(), calls: z.number(), spentMicroUsd: amount }),
);
/** The part of the gateway's report that is shown. */
export const costSchema = z.object({
  suspended: z.array(z.object({ head: z.string(), reason: z.string(), resetAt: z.number() })),
  waiting: z.array(z.object({ id: z.string(), why: z.string(), resetAt: z.number() })),
  stop: z.object({ actor: z.string(), reason: z.string(), at: z.number() }).optional(),
  mode: z.string(),
  windows: z.array(windowSchema),
  heads: z.array(windowSchema),
  month: z.object({ head: sumsSchema, model: sumsSchema, repository: sumsSchema }),
});
export type Cost = z.infer<typeof costSchema>;

export function fillCostCommand(cost: Command): void {
  withActor(cost)
    .option("--csv", "every paid call of this month as CSV")
    .action(async (options: ActOptions & { readonly csv?: boolean }) => {
      const gateway = await gatewayOf(options);
      const text = await askForText(gateway, options.csv ? routes.spendCsv : routes.spend);
      process.stdout.write(options.csv || options.json ? text : readCost(text));
    });
  withExamples(
    cost,
    "cost",
    "cost --csv > spend.csv",
    "cost stop 'a model runs wild'",
    "cost resume 'fixed'",
  );
  for (const [name, path, description, sentence] of [
    ["stop", routes.emergencyStop, "refuse every paid call from now on", "spending is stopped"],
    ["resume", routes.spendResume, "allow paid calls again", "spending is allowed"],
  ] as const)
    cost
      .command(name)
      .argument("<reason>", "why; everybody sees it")
      .description(description)
      .action(async (reason: string) => {
        const options = cost.opts<ActOptions>();
        const text = await askForText(await gatewayOf(options), path, actionOf(options, reason));
        say(options.json ? text : sentence);
      });
}

function readCost(text: string): string {
  const cost = costSchema.safeParse(JSON.parse(text));
  return cost.success ? costText(cost.data) : "the gateway answered something else than a report\n";
}

/** The report as a person reads it in a terminal. */
export function costText({ suspended, waiting, stop, mode, windows, heads, month }: Cost): string {
  const switched = [
    ...(stop
      ? [`STOPPED by ${printable(stop.actor)} at ${time(stop.at)}: ${printable(stop.reason)}`]
      : []),
    ...(mode === "degraded" ? ["DEGRADED by O3_AUDIT_MODE: no paid head is asked"] : []),
    ...suspended.map(
      ({ head, reason, resetAt }) =>
        `${printable(head)} is suspended ${until(resetAt)}: ${printable(reason)}`,
    ),
    ...waiting.map(
      ({ id, why, resetAt }) => `${printable(id)} is held ${until(resetAt)}: ${printable(why)}`,
    ),
  ];
  const caps = [...windows, ...heads].map(
    (window) => `${printable(window.cap).padEnd(18)} ${capText(window)}`,
  );
  const sums = (["head", "model", "repository"] as const).flatMap((by) =>
    month[by].map(
      ({ name, calls, spentMicroUsd }) =>
        `${`by ${by}`.padEnd(18)} ${printable(name)}: ${dollars(spentMicroUsd)} in ${calls} calls`,
    ),
  );
  const parts = [switched, caps, sums.length > 0 ? ["this month (UTC)", ...sums] : []];
  const shown = parts.filter((lines) => lines.length > 0).map((lines) => lines.join("\n"));
  return `${shown.join("\n\n")}\n`;
}

function capText(window: Cost["windows"][number]): string {
  const { limitMicroUsd, heldMicroUsd, spentMicroUsd, resetAt } = window;
  const { usedRatio = 0, projectedMicroUsd = 0, warningRatio = 0 } = window;
  const held = heldMicroUsd > 0 ? ` and ${dollars(heldMicroUsd)} held` : "";
  if (limitMicroUsd === null) return `${dollars(spentMicroUsd)} spent${held}, no cap`;
  const used = `${dollars(spentMicroUsd)} spent${held} of ${dollars(limitMicroUsd)}`;
  const share = `${(usedRatio * 100).toFixed(0)} %${warningRatio > 0 ? " !" : ""}`;
  return `${used} (${share}), at this rate ${dollars(projectedMicroUsd)}; resets ${time(resetAt)}`;
}

const until = (resetAt: number) =>
  resetAt > 0 ? `until ${time(resetAt)}` : "until an operator allows it";
const time = (at: number) => `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
