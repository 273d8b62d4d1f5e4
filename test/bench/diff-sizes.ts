/** What the AST diff costs with each parser, and from small files to large ones. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { loadParsers } from "@council/ast-diff/testing";
import { corpusText, pairs } from "./diff-corpora.ts";
import { costOfDiff } from "./diff-engine.ts";
import type { DiffCost } from "./diff-engine.ts";
import { digits } from "./report.ts";
import type { Table } from "./report.ts";

/** The first 1.08 MB a side; the others as they are. */
const measured = ["react-dom 18.2-18.3", "d3 7.8.4-5", "vue 3.4.20-21", "lodash 4.17.20-21"];

/** Each parser in a process of its own, as programs have it: who has read other trees before is slower. */
export function benchParsers(): Promise<Table> {
  const rows = measured.map((name) => {
    const { a, b } = pairs.find((pair) => pair.name === name)!;
    return [name, digits((corpusText(a).length + corpusText(b).length) / 2e6)];
  });
  const child = fileURLToPath(new URL("diff-parser-cost.ts", import.meta.url));
  for (const parser of ["typescript-estree", "babel", "oxc"]) {
    const out = execFileSync(process.execPath, [child, parser, ...measured], { encoding: "utf8" });
    for (const [at, { totalMs, ratio }] of (JSON.parse(out) as DiffCost[]).entries())
      rows[at]?.push(digits(totalMs), ratio.toFixed(2));
  }
  return Promise.resolve({
    title: "Parsers (ms of processor time for both sides, all steps; over the parse alone)",
    columns: "pair|MB a side|typescript-estree|/ parse|Babel|/ parse|oxc|/ parse".split("|"),
    rows,
    notes: [],
  });
}

const largeFiles = ["typescript 5.4.4-5", ...measured];

export async function benchSizes(): Promise<Table> {
  const parse = await loadParsers();
  const rows: string[][] = [];
  const join = (names: readonly string[], side: "a" | "b") =>
    pairs
      .filter(({ name }) => names.includes(name))
      .map((pair) => corpusText(pair[side]))
      .join("\n");
  for (const names of [measured.slice(0, 1), largeFiles]) {
    const cost = costOfDiff(parse, "x.ts", join(names, "a"), join(names, "b"), 4);
    rows.push([
      names.length > 1 ? "typescript, react-dom, d3, vue and lodash in one" : names[0]!,
      digits(cost.nodes),
      digits(cost.totalMs),
      ((1000 * cost.totalMs) / cost.nodes).toFixed(2),
    ]);
  }
  return {
    title: "Sizes (ms of processor time for both sides, all steps)",
    columns: ["input", "nodes", "total", "us per node"],
    rows,
    notes: [],
  };
}
