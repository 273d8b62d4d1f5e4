import { expect, test } from "vitest";
import { compareRenders } from "./compare-renders.ts";
import { normalForm } from "./normal-form.ts";
import { reportChange } from "./report-change.ts";

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; ms: number }> {
  // Of the processor: what runs beside a test takes no part in it.
  const start = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(start);
  return { result, ms: (user + system) / 1000 };
}
const compare = (a: string, b: string, path = "x.ts") =>
  compareRenders({ files: [{ path, base: "", a, b }] });

const nests: [string, (levels: number) => string][] = [
  ["arrays", (n) => `f(${"[".repeat(n)}${"]".repeat(n)})`],
  ["parentheses", (n) => `f(${"(".repeat(n)}1${")".repeat(n)})`],
  ["blocks", (n) => "{".repeat(n) + "}".repeat(n)],
  ["sums", (n) => `f(a${" + a".repeat(n)})`],
  ["logical chains", (n) => `f(a${" && a".repeat(n)})`],
  ["calls", (n) => `f${".m()".repeat(n)}`],
  ["else if", (n) => `if (a) {}${" else if (a) {}".repeat(n)}`],
  ["functions", (n) => `${"() => ".repeat(n)}1`],
];
test.each(nests)(
  "5,000 nested levels are measured or refused, never a crash: %s",
  async (_, make) => {
    const form = await normalForm("x.ts", make(5000));
    expect(["parsed", "too-deep"]).toContain(form.kind === "failed" ? form.reason : form.kind);
    const result = await compare(make(5000), make(5001));
    expect(result.verdict).toBe("escalate");
    const report = await reportChange({
      files: [{ path: "x.ts", base: "", candidate: make(5000) }],
    });
    const isUnknown = report.unknown.length > 0;
    expect(isUnknown).toBe(form.kind === "failed");
    expect(report.tier).toBe(isUnknown ? "destructive" : "service");
  },
);

test("deep trees that do parse are walked without recursion", async () => {
  const deep = (n: number) => `f(${"[".repeat(n)}1${"]".repeat(n)})`;
  const result = await compare(deep(150), deep(151));
  expect(result).toMatchObject({ kind: "measured", facts: { ab: { lo: 1, hi: 1 } } });
});

const repetitive: [string, string, string][] = [
  [
    "equal blocks and one more",
    "it('a', () => { f(1); g(2) });\n".repeat(2000),
    "it('a', () => { f(1); g(2) });\n".repeat(2001),
  ],
  [
    "every block changed",
    Array.from({ length: 2000 }, (_, at) => `it('a${at}', () => { f(1) });`).join("\n"),
    Array.from({ length: 2000 }, (_, at) => `it('a${at}', () => { g(2) });`).join("\n"),
  ],
  [
    "functions in reverse, each edited",
    Array.from({ length: 2000 }, (_, at) => `function f${at}() { return ${at} }`).join("\n"),
    Array.from({ length: 2000 }, (_, at) => `function f${1999 - at}() { return ${at} + 1 }`).join(
      "\n",
    ),
  ],
  [
    "a long array in reverse",
    `f([${series(20_000).join()}])`,
    `f([${series(20_000).toReversed().join()}])`,
  ],
  [
    "long arrays without a common element",
    `f([${"1,".repeat(20_000)}])`,
    `f([${"2,".repeat(20_000)}])`,
  ],
  [
    "one long line of spaces in JSX",
    `f(<a>${" ".repeat(200_000)}b\n c</a>)`,
    `f(<a>${" ".repeat(200_000)}d\n c</a>)`,
  ],
];
function series(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at);
}
test.each(repetitive)("repetitive input takes no quadratic time: %s", async (_, a, b) => {
  const { result, ms } = await timed(() => compare(a, b, "x.tsx"));
  expect(result).toMatchObject({ kind: "measured", verdict: "escalate" });
  expect(ms).toBeLessThan(6000);
});

const slowText: [string, string][] = [
  ["unclosed comments", "/* ".repeat(150_000)],
  ["spaces", `drop${" ".repeat(300_000)}`],
  ["words", "update ".repeat(50_000)],
  ["dashes", "-".repeat(300_000)],
];
test.each(slowText)("searching a text takes no quadratic time: %s", async (_, candidate) => {
  const { ms } = await timed(() =>
    reportChange({ files: [{ path: "a.sql", base: "", candidate }] }),
  );
  expect(ms).toBeLessThan(3000);
});

test("names that objects inherit are plain names", async () => {
  const words = ["constructor", "__proto__", "toString", "hasOwnProperty"];
  const text = words.map((word) => `export function ${word}() { ${word}.${word}(); }`).join("\n");
  const report = await reportChange({
    files: [{ path: "__proto__.ts", base: undefined, candidate: text }],
  });
  expect(report.symbols.map(({ name }) => name)).toEqual(words.toSorted());
  expect(await compare(text, text.replaceAll("toString", "valueOf"))).toMatchObject({
    verdict: "escalate",
  });
});
