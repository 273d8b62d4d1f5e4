/**
 * What a long campaign has come to, over all its rounds: kept in a file after each, so that it can be
 * stopped at any time and gone on with.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Campaign } from "./crash.ts";
import type { Strike } from "./strikes.ts";

export interface Tally {
  readonly how: Strike["how"];
  /** Seed of the first round; each later round has the next number. */
  readonly seed: number;
  readonly rounds: number;
  /** Strikes by process and step. */
  readonly strikes: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly patches: number;
  readonly endings: Readonly<Record<string, number>>;
  readonly lost: number;
  readonly doubled: number;
  readonly faults: readonly string[];
  readonly tookMs: number;
}

export const emptyTally = (how: Strike["how"], seed: number): Tally => ({
  how,
  seed,
  rounds: 0,
  strikes: {},
  patches: 0,
  endings: {},
  lost: 0,
  doubled: 0,
  faults: [],
  tookMs: 0,
});

export function addRound(tally: Tally, round: Campaign): Tally {
  const strikes: Record<string, Record<string, number>> = structuredClone(tally.strikes);
  for (const { target, on } of round.done) {
    const steps = (strikes[target] ??= {});
    steps[on] = (steps[on] ?? 0) + 1;
  }
  const endings: Record<string, number> = { ...tally.endings };
  for (const [kind, count] of Object.entries(round.byEnding))
    endings[kind] = (endings[kind] ?? 0) + count;
  return {
    ...tally,
    rounds: tally.rounds + 1,
    strikes,
    endings,
    patches: tally.patches + round.patches,
    lost: tally.lost + round.lost,
    doubled: tally.doubled + round.doubled,
    faults: [...tally.faults, ...round.faults.map((fault) => `seed ${round.seed}: ${fault}`)],
    tookMs: tally.tookMs + round.tookMs,
  };
}

export function strikesIn({ strikes }: Tally): number {
  return Object.values(strikes)
    .flatMap((steps) => Object.values(steps))
    .reduce((sum, count) => sum + count, 0);
}

/** What the file holds; undefined when there is none. Throws on one of another kind. */
export function readTally(file: string, how: Strike["how"]): Tally | undefined {
  if (!existsSync(file)) return undefined;
  const tally = JSON.parse(readFileSync(file, "utf8")) as Tally;
  if (tally.how === how) return tally;
  throw new Error(`${file} is of a campaign of kind ${tally.how}: name another file`);
}

/** Whole or not at all: a campaign may be ended while it writes. */
export function writeTally(file: string, tally: Tally): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(tally, undefined, 2)}\n`);
  renameSync(`${file}.new`, file);
}

/** One line for each process with its steps, then what became of the patches. */
export function tallyText(tally: Tally): string {
  const table = Object.entries(tally.strikes)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([target, steps]) => {
      const sum = Object.values(steps).reduce((all, count) => all + count, 0);
      const each = Object.entries(steps).toSorted(([a], [b]) => (a < b ? -1 : 1));
      return `  ${target.padEnd(18)} ${String(sum).padStart(5)}  ${each.map(([on, count]) => `${on} ${count}`).join(", ")}`;
    });
  const endings = Object.entries(tally.endings).map(([kind, count]) => `${count} ${kind}`);
  return [
    `strikes  ${strikesIn(tally)} in ${tally.rounds} rounds`,
    ...table,
    `patches  ${tally.patches} (${endings.join(", ")})`,
    `lost     ${tally.lost}`,
    `doubled  ${tally.doubled}`,
    `faults   ${tally.faults.length}`,
    `took     ${(tally.tookMs / 1000).toFixed(0)} s`,
    ...tally.faults.map((fault) => `FAULT ${fault}`),
  ].join("\n");
}
