/** What the AST diff costs with each parser, and from small files to large ones. */
import { loadParsers } from "@council/ast-diff/testing";
import type { Parse } from "@council/ast-diff/testing";
import { corpusText, pairs } from "./diff-corpora.ts";
import { asPath, timedDiff } from "./diff-engine.ts";
import { digits, median } from "./report.ts";
import type { Table } from "./report.ts";

interface Cost {
  readonly nodes: number;
  readonly parseMs: number;
  readonly totalMs: number;
}

function costOfDiff(parse: Parse, path: string, a: string, b: string, runs: number): Cost {
  const results = Array.from({ length: runs }, () => timedDiff(parse, path, a, b));
  const last = results.at(-1)!;
  return {
    nodes: last.a.length + last.b.length,
    parseMs: median(results.map(({ parseMs }) => parseMs)),
    totalMs: median(
      results.map(
        ({ parseMs, readMs, matchMs, scriptMs }) => parseMs + readMs + matchMs + scriptMs,
      ),
    ),
  };
}

/** The first 1.08 MB a side; the others as they are. */
const measured = ["react-dom 18.2-18.3", "d3 7.8.4-5", "vue 3.4.20-21", "lodash 4.17.20-21"];

export async function benchParsers(): Promise<Table> {
  const rows: string[][] = [];
  for (const name of measured) {
    const { a, b } = pairs.find((pair) => pair.name === name)!;
    const row = [name, digits((corpusText(a).length + corpusText(b).length) / 2e6)];
    for (const parser of ["typescript-estree", "babel", "oxc"] as const) {
      const parse = await loadParsers(parser);
      const cost = costOfDiff(parse, asPath(a), corpusText(a), corpusText(b), 9);
      row.push(digits(cost.totalMs), (cost.totalMs / cost.parseMs).toFixed(2));
    }
    rows.push(row);
  }
  return {
    title: "Parsers (ms of processor time for both sides, all steps; over the parse alone)",
    columns: "pair|MB a side|typescript-estree|/ parse|Babel|/ parse|oxc|/ parse".split("|"),
    rows,
    notes: [],
  };
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
    const cost = costOfDiff(parse, "x.ts", join(names, "a"), join(names, "b"), 3);
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
