/** What a benchmark answers, and how it is shown: one table for people, the numbers behind it for JSON. */
import { cpus, loadavg, totalmem } from "node:os";

/** A table with one measured thing per row; every target and denominator stands in it or in its notes. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What was measured how, against which peers and targets. */
  readonly notes: readonly string[];
}

export interface GroupResult {
  readonly tables: readonly Table[];
  /** The raw numbers, by name. */
  readonly numbers: unknown;
}

/** The value below which `ratio` (0 to 1) of the values lie (nearest rank); NaN when there are none. */
export function percentile(values: readonly number[], ratio: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.ceil(ratio * sorted.length) - 1;
  return sorted[Math.max(0, rank)] ?? Number.NaN;
}

/** The middle value; of an even count the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** Three digits, thousands grouped. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return "-";
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US");
  return value.toPrecision(3);
}

export function printTable({ title, columns, rows, notes }: Table): void {
  const widths = columns.map((column, at) =>
    Math.max(column.length, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
      .join("  ");
  console.log(`\n${title}`);
  console.log(`  ${line(columns)}`);
  console.log(`  ${widths.map((width) => "-".repeat(width)).join("  ")}`);
  for (const row of rows) console.log(`  ${line(row)}`);
  for (const note of notes) console.log(`  ${note}`);
}

/** What the numbers depend on. */
export function machine(): Record<string, unknown> {
  return {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memoryBytes: totalmem(),
    loadAverage: loadavg(),
    node: process.version,
  };
}
