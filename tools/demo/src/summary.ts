import type { PatchRecord } from "./patch-record.ts";
import { endingFaults } from "./patch-record.ts";
import type { DemoPatch } from "./patches/demo-patch.ts";

export interface DemoRow {
  readonly patch: DemoPatch;
  readonly record: PatchRecord | undefined;
}

export interface Check {
  readonly holds: boolean;
  readonly text: string;
}

/** The trees that prove what is on the branches. */
export interface BranchProof {
  readonly mainTree: string;
  /** The tree of the base with the good patch, and nothing else. */
  readonly expectedTree: string;
  readonly canaryTree: string | undefined;
}

/** Everything that must be true for the demo to have worked. */
export function demoChecks(rows: readonly DemoRow[], proof: BranchProof): Check[] {
  const faults = rows.flatMap(({ patch, record }) => endingFaults(patch, record));
  const short = (tree: string | undefined) => tree?.slice(0, 12) ?? "missing";
  return [
    {
      holds: faults.length === 0,
      text: faults.length === 0 ? "all patches ended as they should" : faults.join("; "),
    },
    {
      holds: proof.mainTree === proof.expectedTree,
      text:
        `tree of main ${short(proof.mainTree)} equals base plus the good patch ` +
        short(proof.expectedTree),
    },
    {
      holds: proof.canaryTree === proof.mainTree,
      text: `tree of council/canary ${short(proof.canaryTree)} equals main: nothing bad is left there`,
    },
  ];
}

const columns = ["patch", "outcome", "to breach", "to revert"] as const;

/** The table at the end: one line per patch, and one that says why. */
export function summaryTable(rows: readonly DemoRow[]): string {
  const cells = rows.map(({ patch, record }) => [
    patch.title,
    record?.ending?.kind ?? "unfinished",
    between(record?.landing?.at, record?.takenBack?.at),
    between(record?.takenBack?.at, record?.takenBack && record.ending?.at),
  ]);
  const table = [columns, ...cells];
  const widths = columns.map((_, column) =>
    Math.max(...table.map((line) => line[column]?.length ?? 0)),
  );
  const lines = table.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const reasons = rows.map(({ patch, record }) => `    ${whyOf(patch, record)}`.trimEnd());
  return lines
    .flatMap((line, index) => [line, reasons[index - 1] ?? ""].filter(Boolean))
    .join("\n");
}

/** The same as data. Times are in milliseconds. */
export function summaryRecord({ patch, record }: DemoRow) {
  const { takenBack, landing, ending } = record ?? {};
  return {
    patch: patch.key,
    patchId: record?.patchId ?? null,
    outcome: ending?.kind ?? null,
    why: whyOf(patch, record),
    breach: takenBack?.breach ?? null,
    landingToBreachMs: difference(landing?.at, takenBack?.at),
    breachToRevertMs: difference(takenBack?.at, takenBack && ending?.at),
    isAsExpected: endingFaults(patch, record).length === 0,
  };
}

function whyOf(patch: DemoPatch, record: PatchRecord | undefined): string {
  const why = record?.takenBack?.why ?? record?.ending?.detail ?? "";
  return patch.ending.kind === "reverted" ? `${patch.flaw}: ${why}` : why;
}

function between(from: number | undefined, to: number | undefined): string {
  const ms = difference(from, to);
  return ms === null ? "-" : `${(ms / 1000).toFixed(1)} s`;
}

function difference(from: number | undefined, to: number | undefined): number | null {
  return from === undefined || to === undefined ? null : to - from;
}
