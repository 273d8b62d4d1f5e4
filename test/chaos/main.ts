/** The full campaign: every process killed at every step, then those that can be overtaken stopped at every step. */
import { parseArgs } from "node:util";
import { type Campaign, type CampaignOptions, runCampaign } from "./crash.ts";

const usage = `usage: npm run chaos -- [--seed <number>] [--kind kill|pause] [--strikes <number>]
                       [--target <process>]... [--repositories <number>] [--minutes <number>]

  --seed          repeats a campaign: the same strikes in the same order, the same patches
  --kind          only kills, or only pauses; default: both
  --strikes       at most so many of each kind; default: every process at every step
  --target        only this process (may be given several times), for example redis
  --repositories  how many repositories have patches in flight; default 4
  --minutes       begins no new patch after so long, per kind; default 15`;

interface Arguments {
  readonly seed: number;
  readonly kinds: readonly CampaignOptions["how"][];
  readonly more: Pick<CampaignOptions, "repositories" | "durationMs" | "strikes" | "targets">;
}

process.exitCode = await main();

async function main(): Promise<number> {
  const read = readArguments();
  if (typeof read === "string") {
    console.error(`${read}\n\n${usage}`);
    return 2;
  }
  const { seed, kinds, more } = read;
  let isGood = true;
  for (const how of kinds) {
    console.log(`\n${how}: seed ${seed}`);
    const startedAt = Date.now();
    const say = (line: string) =>
      console.log(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(7)} s  ${line}`);
    const campaign = await runCampaign({ ...more, seed, how, atOnce: 2, atLeast: 8, say });
    report(campaign);
    isGood &&= campaign.faults.length === 0;
  }
  console.log(isGood ? "\nevery promise was kept" : `\nBROKEN; repeat with --seed ${seed}`);
  return isGood ? 0 : 1;
}

function report({ done, left, patches, byEnding, lost, doubled, faults, tookMs }: Campaign): void {
  const endings = Object.entries(byEnding).map(([kind, count]) => `${count} ${kind}`);
  const outstanding = left.map(({ target, on }) => `${target} at ${on}`);
  console.log(
    [
      `strikes  ${done.length}${left.length > 0 ? `, not struck: ${outstanding.join(", ")}` : ""}`,
      `patches  ${patches} (${endings.join(", ")})`,
      `lost     ${lost}`,
      `doubled  ${doubled}`,
      `faults   ${faults.length}`,
      `took     ${(tookMs / 1000).toFixed(0)} s`,
      ...faults.map((fault) => `FAULT ${fault}`),
    ].join("\n"),
  );
}

/** The arguments, or what is wrong with them. */
function readArguments(): Arguments | string {
  try {
    const { values } = parseArgs({
      options: {
        seed: { type: "string" },
        kind: { type: "string" },
        strikes: { type: "string" },
        target: { type: "string", multiple: true },
        repositories: { type: "string", default: "4" },
        minutes: { type: "string", default: "15" },
      },
    });
    const seed = Number(values.seed ?? Math.floor(Date.now() / 1000));
    const numbers = [seed, values.strikes ?? 1, values.repositories, values.minutes].map(Number);
    if (numbers.some((value) => !(value >= 0))) return "a number was expected";
    const kinds = (["kill", "pause"] as const).filter((how) => (values.kind ?? how) === how);
    if (kinds.length === 0) return `--kind ${values.kind}: it is kill or pause`;
    const more = {
      repositories: Number(values.repositories),
      durationMs: Number(values.minutes) * 60_000,
      ...(values.strikes === undefined ? {} : { strikes: Number(values.strikes) }),
      ...(values.target === undefined ? {} : { targets: values.target }),
    };
    return { seed, kinds, more };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
