/**
 * The full campaign, in rounds of a fresh Council each: processes killed at every step, then those that
 * can be overtaken stopped at every step. Ends early at the first round in which a promise was broken.
 */
import { parseArgs } from "node:util";
import { type CampaignOptions, runCampaign } from "./crash.ts";
import {
  addRound,
  emptyTally,
  readTally,
  strikesIn,
  type Tally,
  tallyText,
  writeTally,
} from "./tally.ts";

const usage = `usage: npm run chaos -- [--seed <number>] [--kind kill|pause] [--strikes <number>]
                       [--target <process>]... [--repositories <number>] [--minutes <number>]
                       [--resume <file>]

  --seed          repeats a campaign: the same strikes in the same order, the same patches
  --kind          only kills, or only pauses; default: both
  --strikes       so many of each kind, in rounds of at most 200; default: every process at every step, once
  --target        only this process (may be given several times), for example redis
  --repositories  how many repositories have patches in flight; default 4
  --minutes       begins no new round, and in a round no new patch, after so long, per kind; default 15
  --resume        keeps the totals in this file after each round, and goes on from what is in it;
                  with one --kind only`;

/** As long as a round may get: its ledger is read whole at the end. */
const strikesPerRound = 200;

interface Arguments {
  readonly seed: number;
  readonly kinds: readonly CampaignOptions["how"][];
  readonly strikes: number | undefined;
  readonly minutes: number;
  readonly file: string | undefined;
  readonly more: Pick<CampaignOptions, "repositories" | "targets">;
}

process.exitCode = await main();

async function main(): Promise<number> {
  const read = readArguments();
  if (typeof read === "string") {
    console.error(`${read}\n\n${usage}`);
    return 2;
  }
  let isGood = true;
  for (const how of read.kinds) {
    const tally = await runRounds(how, read);
    console.log(`\n${how}\n${tallyText(tally)}`);
    const wanted = read.strikes ?? 0;
    if (strikesIn(tally) < wanted)
      console.log(`${strikesIn(tally)} of ${wanted} strikes: --resume and more --minutes go on`);
    isGood &&= tally.faults.length === 0;
  }
  console.log(isGood ? "\nevery promise was kept" : "\nBROKEN; repeat a round with its --seed");
  return isGood ? 0 : 1;
}

async function runRounds(how: CampaignOptions["how"], options: Arguments): Promise<Tally> {
  const { file, strikes, minutes, more } = options;
  const startedAt = Date.now();
  const say = (line: string) =>
    console.log(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(7)} s  ${line}`);
  const endsAt = startedAt + minutes * 60_000;
  let tally =
    (file === undefined ? undefined : readTally(file, how)) ?? emptyTally(how, options.seed);
  for (;;) {
    const wanted = strikes === undefined ? undefined : strikes - strikesIn(tally);
    if (tally.faults.length > 0 || (wanted ?? 1) <= 0 || Date.now() >= endsAt) return tally;
    const seed = tally.seed + tally.rounds;
    console.log(`\n${how}: round ${tally.rounds + 1}, seed ${seed}`);
    const most = wanted === undefined ? {} : { strikes: Math.min(wanted, strikesPerRound) };
    const durationMs = endsAt - Date.now();
    const work = { atOnce: 2, atLeast: 8, durationMs, say };
    const round = await runCampaign({ ...more, ...most, ...work, seed, how });
    tally = addRound(tally, round);
    if (file !== undefined) writeTally(file, tally);
    const left = round.left.map(({ target, on }) => `${target} at ${on}`);
    if (left.length > 0) say(`not struck: ${left.join(", ")}`);
    say(`${strikesIn(tally)} strikes so far, ${tally.lost} lost, ${tally.doubled} doubled`);
    // A round in which nothing could be struck any more would come back for ever.
    if (strikes === undefined || round.done.length === 0) return tally;
  }
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
        resume: { type: "string" },
      },
    });
    const seed = Number(values.seed ?? Math.floor(Date.now() / 1000));
    const numbers = [seed, values.strikes ?? 1, values.repositories, values.minutes].map(Number);
    if (numbers.some((value) => !(value >= 0))) return "a number was expected";
    const kinds = (["kill", "pause"] as const).filter((how) => (values.kind ?? how) === how);
    if (kinds.length === 0) return `--kind ${values.kind}: it is kill or pause`;
    if (values.resume !== undefined && kinds.length > 1) return "--resume: name one --kind";
    return {
      seed,
      kinds,
      strikes: values.strikes === undefined ? undefined : Number(values.strikes),
      minutes: Number(values.minutes),
      file: values.resume,
      more: {
        repositories: Number(values.repositories),
        ...(values.target === undefined ? {} : { targets: values.target }),
      },
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
