/**
 * Writes the tables of docs/rules.md from the rules themselves, so that the page cannot say anything
 * else than the code: `node tools/scripts/write-rules.ts`.
 */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { allVoices, type RuleVoice } from "@council/auditor/guard";

export const page = fileURLToPath(new URL("../../docs/rules.md", import.meta.url));

const begin = "<!-- rules: written by tools/scripts/write-rules.ts -->";
const end = "<!-- rules: end -->";

/** The page with its tables as the rules are now. Throws when it has lost its marks. */
export function withTables(text: string): string {
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error(`docs/rules.md: ${begin} is gone`);
  const tables = [
    table("Hard rules: a veto", (voice) => voice.isHard),
    table("Errors: the head rejects", (voice) => !voice.isHard && voice.severity === "error"),
    table(
      "Questions: held until a person says yes",
      (voice) => !voice.isHard && voice.severity === "question",
    ),
    table("Warnings: shown, and no more", (voice) => voice.severity === "warning"),
  ];
  return `${before}${begin}\n\n${tables.join("\n\n")}\n\n${end}${after}`;
}

function table(title: string, isListed: (voice: RuleVoice) => boolean): string {
  const rows = allVoices
    .filter(isListed)
    .toSorted((one, other) => (one.ruleId < other.ruleId ? -1 : 1))
    .map(({ ruleId, message, remedy }) => [`\`${ruleId}\``, message, remedy]);
  const all = [["Rule", "What it finds", "What to do"], ...rows];
  const widths = [0, 1, 2].map((at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[], fill = " ") =>
    `| ${widths.map((width, at) => (cells[at] ?? "").padEnd(width, fill)).join(" | ")} |`;
  const [head = [], ...body] = all;
  return [`### ${title}`, "", line(head), line([], "-"), ...body.map((row) => line(row))].join(
    "\n",
  );
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  await writeFile(page, withTables(await readFile(page, "utf8")));
