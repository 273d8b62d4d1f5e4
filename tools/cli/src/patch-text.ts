/** A whole patch as a person reads it in a terminal: what became of it first, the diff last. */
import type { PatchDetail } from "@council/contracts";
import type { Vote, WhyCard } from "@council/domain";
import { eventWords } from "@council/demo/event-words";
import { kindWords } from "./patch-words.ts";
import { printable, styled, toned, untilText } from "./terminal.ts";
import { whyText } from "./why-text.ts";

export interface ShownPatch {
  readonly detail: PatchDetail;
  readonly diff: string | undefined;
  /** The why-card as the gateway answered it. */
  readonly card: unknown;
}

export function patchText({ detail, diff, card }: ShownPatch): string {
  const { timeline, isTruncated, dossier } = detail;
  const parts = [
    headLines(detail),
    section("Votes", voteLines(dossier?.votes ?? [])),
    section("Change", changeLines(detail)),
    section("On the branches", branchLines(detail)),
    card === undefined
      ? []
      : section("Why it was taken back", whyText(card as WhyCard).split("\n")),
    section("What happened", [
      ...(isTruncated ? ["(the ledger has been trimmed: the beginning is missing)"] : []),
      ...timeline.flatMap(({ at, event }) => {
        const words = eventWords(event);
        if (words === undefined) return [];
        const time = new Date(at).toISOString().replace("T", " ").slice(0, 19);
        return [`${styled("dim", time)}  ${toned(words.tone, printable(words.text))}`];
      }),
    ]),
    diff === undefined ? [] : section("Diff", diffLines(diff), ""),
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

function section(title: string, lines: readonly string[], indent = "  "): string[] {
  if (lines.length === 0) return [];
  return [styled("bold", title), ...lines.map((line) => `${indent}${line}`)];
}

function headLines(detail: PatchDetail): string[] {
  const {
    id,
    kind,
    why,
    stop,
    title = "",
    author = "",
    repository = "",
    targetBranch = "",
  } = detail;
  const words = kindWords(kind);
  const from = detail.externalId === undefined ? "" : `, ${detail.externalId}`;
  return [
    `${styled("bold", printable(title))}  ${toned(words.tone, words.label)}`,
    printable(`${id}${from}, by ${author}, for ${repository} ${targetBranch}`),
    ...(why === undefined ? [] : [toned(words.tone, printable(why))]),
    ...(stop === undefined
      ? []
      : [toned("bad", printable(`on hold by ${stop.actor}${untilText(stop)}: ${stop.reason}`))]),
  ];
}

const order = { reject: 0, abstain: 1, approve: 2 } as const;
const tones = { reject: "bad", abstain: "faint", approve: "good" } as const;

/** Dissent first: what one head saw and the others did not. */
function voteLines(votes: readonly Vote[]): string[] {
  return votes
    .toSorted((one, other) => order[one.verdict] - order[other.verdict])
    .flatMap(({ head, verdict, findings }) => [
      `${toned(tones[verdict], verdict.padEnd(8))} ${printable(head)}`,
      ...findings.flatMap(({ severity, ruleId, path, line, message, remedy, waivedBy }) => {
        const waived = waivedBy === undefined ? "" : ` (waived: ${waivedBy})`;
        const where = path === undefined ? "" : `${path}${line === undefined ? "" : `:${line}`}: `;
        return [
          printable(`  ${severity} ${ruleId}${waived}: ${where}${message}`),
          ...(remedy === undefined ? [] : [printable(`    ${remedy}`)]),
        ];
      }),
    ]);
}

function changeLines({ dossier, auditHash }: PatchDetail): string[] {
  const comparison = dossier?.comparison;
  if (comparison === undefined) return [];
  if (comparison.kind === "refused") return [printable(comparison.reason)];
  const { candidate, variance, critical } = comparison;
  const between =
    variance.kind === "measured"
      ? `the two renders differ by ${percent(variance.low)} to ${percent(variance.high)}`
      : `no second render to compare with: ${variance.reason}`;
  return [
    `tier ${candidate.tier}${candidate.riskTags.length > 0 ? ` (${candidate.riskTags.join(", ")})` : ""}`,
    between,
    ...critical.map((line) => `diverges: ${line}`),
    `base ${candidate.base.slice(0, 12)}, tree ${candidate.tree.slice(0, 12)}, digest ${auditHash?.slice(0, 12) ?? ""}`,
    ...candidate.paths,
  ].map(printable);
}

function branchLines({ dossier }: PatchDetail): string[] {
  const landings = (dossier?.landings ?? []).map(
    ({ stage, branch, commit }) => `landed on ${branch} as ${commit.slice(0, 12)} (stage ${stage})`,
  );
  const reverts = (dossier?.reverts ?? []).map(
    ({ branch, commit, landing, restored }) =>
      `reverted on ${branch} as ${commit.slice(0, 12)}, which takes ${landing.slice(0, 12)} back (${restored})`,
  );
  return [...landings, ...reverts].map(printable);
}

function diffLines(diff: string): string[] {
  return diff
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => {
      const shown = printable(line.replaceAll("\t", "    "));
      if (/^(\+\+\+|---|diff |index )/.test(line)) return styled("bold", shown);
      if (line.startsWith("@@")) return styled("cyan", shown);
      if (line.startsWith("+")) return styled("green", shown);
      return line.startsWith("-") ? styled("red", shown) : shown;
    });
}

const percent = (ratio: number) => `${Number((ratio * 100).toFixed(2))} %`;
