/**
 * Series nobody here made up, read from `COUNCIL_BENCH_DATA` or a folder `shared/data` beside the checkout:
 * the Azure LLM inference trace of 2023 (CC-BY-4.0, Patel et al., Splitwise, ISCA 2024) and series of the
 * Numenta Anomaly Benchmark (MIT).
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const besideCheckout = join(import.meta.dirname, "..", "..", "..", "..", "shared", "data");

export interface RealData {
  /** Micro-usd of each request in its real order, at 3 and 15 USD per million tokens in and out. */
  readonly requestCosts: readonly number[];
  /** Series of operations, five minutes apart, by name. */
  readonly series: ReadonlyMap<string, readonly number[]>;
}

/** Undefined where the data are not there. */
export function readRealData(
  folder: string = process.env["COUNCIL_BENCH_DATA"] ?? besideCheckout,
): RealData | undefined {
  const trace = join(folder, "azure-llm-2023", "conv.csv");
  const nab = join(folder, "nab");
  if (!existsSync(trace) || !existsSync(nab)) return undefined;
  const requestCosts = rows(trace).map(([, tokensIn, tokensOut]) => {
    return 3 * Number(tokensIn) + 15 * Number(tokensOut);
  });
  const files = readdirSync(nab, { recursive: true, encoding: "utf8" });
  const series = files
    .filter((name) => name.endsWith(".csv"))
    .toSorted()
    .map((name) => [name, rows(join(nab, name)).map(([, value]) => Number(value))] as const);
  return { requestCosts, series: new Map(series) };
}

const rows = (file: string) =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","));
