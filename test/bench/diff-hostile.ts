/** Texts made to keep a matcher busy. */
import { loadParsers } from "@council/ast-diff/testing";
import { countSteps, timedDiff } from "./diff-engine.ts";
import { digits, median } from "./report.ts";
import type { Table } from "./report.ts";

const series = (count: number, make: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => make(at));
const hostile: readonly (readonly [string, string, string])[] = [
  [
    "3,000 equal blocks and one more",
    "it('a', () => { f(1); g(2) });\n".repeat(3000),
    "it('a', () => { f(1); g(2) });\n".repeat(3001),
  ],
  [
    "3,000 blocks, every one changed",
    series(3000, (at) => `it('a${at}', () => { f(1) });`).join("\n"),
    series(3000, (at) => `it('a${at}', () => { g(2) });`).join("\n"),
  ],
  [
    "10,000 functions in reverse",
    series(10_000, (at) => `function f${at}() { return ${at} }`).join("\n"),
    series(10_000, (at) => `function f${9999 - at}() { return ${9999 - at} }`).join("\n"),
  ],
  [
    "10,000 functions in reverse, each edited",
    series(10_000, (at) => `function f${at}() { return ${at} }`).join("\n"),
    series(10_000, (at) => `function f${9999 - at}() { return ${9999 - at} + 1 }`).join("\n"),
  ],
  [
    "array of 100,000 in reverse",
    `f([${series(100_000, String).join()}])`,
    `f([${series(100_000, (at) => String(99_999 - at)).join()}])`,
  ],
  [
    "nothing in common",
    series(5000, (at) => `a${at}(b${at} + ${at});`).join("\n"),
    series(5000, (at) => `class C${at} { m() { throw ${at} } }`).join("\n"),
  ],
];

export async function benchHostile(): Promise<Table> {
  const parse = await loadParsers();
  const rows = hostile.map(([name, a, b]) => {
    const runs = series(5, String).map(() => timedDiff(parse, "x.ts", a, b));
    const ratios = runs.map(({ parseMs, matchMs, scriptMs }) => (matchMs + scriptMs) / parseMs);
    const { script } = runs.at(-1)!;
    return [
      name,
      digits(median(runs.map(({ parseMs }) => parseMs))),
      median(ratios).toFixed(2),
      countSteps(script),
    ];
  });
  return {
    title: "Hostile input",
    columns: ["input", "parse ms", "(match + script) / parse", "del/ins/upd/move"],
    rows,
    notes: [],
  };
}
