/** What was judged already, so that a run that was stopped goes on where it was. */
import { appendFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { digestOf } from "@council/evidence";
import type { Judged } from "./judge-release.ts";
import { corpora } from "./releases.ts";

export interface VerdictStore {
  readonly known: ReadonlyMap<string, Judged>;
  readonly keep: (judged: Judged) => void;
}

const auditor = join(import.meta.dirname, "..", "..", "..", "services", "auditor", "src");

/** The verdicts of the auditor as it is now: with any of its sources another, everything is judged anew. */
export function openVerdictStore(): VerdictStore {
  const sources = readdirSync(auditor, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"))
    .toSorted();
  const texts = sources.map((path) => [path, readFileSync(join(auditor, path), "utf8")] as const);
  const folder = join(corpora, "verdicts");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${digestOf(texts)}.jsonl`);
  const keep = (judged: Judged) => appendFileSync(file, `${JSON.stringify(judged)}\n`);
  return { known: new Map(readAll(file).map((judged) => [judged.release, judged])), keep };
}

/** Whole lines only: the last one may have been cut when the run was stopped. */
function readAll(file: string): Judged[] {
  let text = "";
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return [];
  }
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Judged);
}
