/** `council policy noise`: how far two equal arms drift apart, for `armNoise` and `tolerance` of a policy. */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { sampleLineSchema } from "@council/contracts";
import { type ArmMeans, armNoiseOf, calibrateTolerance, metricUnits } from "@council/domain";
import type { Command } from "commander";

const minuteMs = 60_000;
/** Noise of an arm lasts for minutes; shorter windows would show the requests rather than the arm. */
const usualMinutes = 5;

export interface MeasuredNoise {
  readonly metric: string;
  /** Windows with samples of both arms. */
  readonly windows: number;
  /** Absent from fewer than ten windows. */
  readonly armNoise?: number;
  /** What a rule on this metric has to tolerate at least, as a ratio. */
  readonly tolerance?: number;
}

export function addNoiseCommand(policy: Command): void {
  policy
    .command("noise <samples>")
    .description("how far two equal arms drift apart, from samples while both ran one version")
    .option("--minutes <count>", "length of the windows that are compared", Number, usualMinutes)
    .option("--json", "the figures as JSON")
    .addHelpText("after", "\nExample:\n  $ council policy noise same-version.ndjson")
    .action(async (file: string, options: { minutes: number; json?: boolean }) => {
      try {
        const measured = await measureNoise(file, options.minutes);
        const text = options.json ? JSON.stringify(measured, undefined, 2) : noiseText(measured);
        process.stdout.write(`${text}\n`);
      } catch (error) {
        process.exitCode = 2;
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      }
    });
}

interface Sums {
  readonly baseline: { count: number; sum: number };
  readonly canary: { count: number; sum: number };
}

/**
 * Reads NDJSON as it is pushed to `POST /v1/samples`, of latency and cost; other metrics tolerate nothing.
 * Memory grows with the number of windows, not of samples. Rejects with the number of a faulty line.
 */
export async function measureNoise(file: string, minutes: number): Promise<MeasuredNoise[]> {
  if (!(minutes > 0)) throw new Error("--minutes: not a length of time; use a number above 0");
  const metrics = new Map<string, Map<number, Sums>>();
  let line = 0;
  for await (const text of createInterface({
    input: createReadStream(file),
    crlfDelay: Infinity,
  })) {
    line += 1;
    if (text.trim() === "") continue;
    const { metric, arm, value, unit, at } = readLine(text, line);
    if (metric !== "latency" && metric !== "cost") continue;
    if (unit !== metricUnits[metric])
      throw new Error(`line ${line}: ${metric} is measured in ${metricUnits[metric]}, not ${unit}`);
    const window = Math.floor((typeof at === "number" ? at : Date.parse(at)) / minutes / minuteMs);
    const windows = metrics.get(metric) ?? new Map<number, Sums>();
    metrics.set(metric, windows);
    const sums = windows.get(window) ?? newSums();
    windows.set(window, sums);
    sums[arm].count += 1;
    sums[arm].sum += value;
  }
  return [...metrics].map(([metric, windows]) => noiseOf(metric, [...windows.values()]));
}

const newSums = (): Sums => ({ baseline: { count: 0, sum: 0 }, canary: { count: 0, sum: 0 } });

function readLine(text: string, line: number) {
  try {
    return sampleLineSchema.parse(JSON.parse(text));
  } catch {
    throw new Error(
      `line ${line}: no sample; write one object with patch, metric, arm, value, unit and at`,
    );
  }
}

function noiseOf(metric: string, windows: readonly Sums[]): MeasuredNoise {
  const both = windows
    .filter(({ baseline, canary }) => baseline.count > 0 && canary.count > 0)
    .map(({ baseline, canary }): ArmMeans => ({
      baseline: baseline.sum / baseline.count,
      canary: canary.sum / canary.count,
    }));
  const [armNoise, tolerance] = [armNoiseOf(both), calibrateTolerance(both)];
  const core = { metric, windows: both.length };
  return armNoise === undefined || tolerance === undefined
    ? core
    : { ...core, armNoise, tolerance };
}

/** One line per metric. */
export function noiseText(measured: readonly MeasuredNoise[]): string {
  if (measured.length === 0) return "No samples of latency or cost.";
  return measured
    .map(({ metric, windows, armNoise, tolerance }) =>
      armNoise === undefined || tolerance === undefined
        ? `${metric}: ${windows} windows with both arms say nothing; ten are needed`
        : `${metric}: armNoise: ${upTo4(armNoise)} from ${windows} windows; it needs a tolerance of ${upTo4(tolerance)} or more`,
    )
    .join("\n");
}

/** Four decimals, rounded up: what is needed is not rounded away. */
const upTo4 = (value: number) => Math.ceil(value * 10_000) / 10_000;
