/** `council cost`: what is spent, what is left, why spending has stopped and when it goes on. */
import { userInfo } from "node:os";
import { routes } from "@council/contracts";
import { dollars } from "@council/domain";
import type { Command } from "commander";
import { z } from "zod";
import { askGateway, printAnswer, usualGateway } from "./ask-gateway.ts";

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

export function addCostCommand(program: Command): void {
  const cost = program
    .command("cost")
    .description("what paid calls cost, what is left of each cap, and why spending has stopped")
    .option("--json", "the report as JSON")
    .option("--csv", "every paid call of this month as CSV")
    .option("--url <url>", "the gateway", usualGateway)
    .addHelpText(
      "after",
      "\nReads the operator token from COUNCIL_OPERATOR_TOKEN.\n\nExamples:\n  $ ./council cost\n  $ ./council cost --csv > spend.csv\n  $ ./council cost stop 'a model runs wild'\n  $ ./council cost resume 'fixed'",
    )
    .action(async (options: { json?: boolean; csv?: boolean; url: string }) => {
      const answer = await askGateway(options.csv ? routes.spendCsv : routes.spend, options);
      printAnswer(answer, (text) => (options.csv || options.json ? text : readCost(text)));
    });
  for (const [name, path, description] of [
    ["stop", routes.emergencyStop, "refuse every paid call from now on"],
    ["resume", routes.spendResume, "allow paid calls again"],
  ] as const)
    cost
      .command(`${name} <reason>`)
      .description(description)
      .action(async (reason: string) => {
        const { url } = cost.opts<{ url: string }>();
        const answer = await askGateway(path, { url }, { actor: userInfo().username, reason });
        printAnswer(answer, () => `spending is ${name === "stop" ? "stopped" : "allowed"}\n`);
      });
}

function readCost(text: string): string {
  const cost = costSchema.safeParse(JSON.parse(text));
  return cost.success ? costText(cost.data) : "the gateway answered something else than a report\n";
}

/** The report as a person reads it in a terminal. */
export function costText({ suspended, waiting, stop, mode, windows, heads, month }: Cost): string {
  const switched = [
    ...(stop ? [`STOPPED by ${plain(stop.actor)} at ${time(stop.at)}: ${plain(stop.reason)}`] : []),
    ...(mode === "degraded" ? ["DEGRADED by O3_AUDIT_MODE: no paid head is asked"] : []),
    ...suspended.map(
      ({ head, reason, resetAt }) =>
        `${plain(head)} is suspended ${until(resetAt)}: ${plain(reason)}`,
    ),
    ...waiting.map(
      ({ id, why, resetAt }) => `${plain(id)} is held ${until(resetAt)}: ${plain(why)}`,
    ),
  ];
  const caps = [...windows, ...heads].map(
    (window) => `${plain(window.cap).padEnd(18)} ${capText(window)}`,
  );
  const sums = (["head", "model", "repository"] as const).flatMap((by) =>
    month[by].map(
      ({ name, calls, spentMicroUsd }) =>
        `${`by ${by}`.padEnd(18)} ${plain(name)}: ${dollars(spentMicroUsd)} in ${calls} calls`,
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
/** Names come from outside: what steers a terminal is left out. */
const plain = (text: string) => text.replaceAll(/[\p{Cc}\p{Cf}]/gu, "");
