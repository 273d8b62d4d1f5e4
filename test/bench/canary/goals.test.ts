/** The short form of `npm run bench:canary`, on simulated requests: every goal, every time the same numbers. */
import { expect, test } from "vitest";
import { type Cell, cellsOf, makePools, type Part } from "./cells.ts";
import { runHere } from "./run-cells.ts";
import { speed } from "./speed.ts";
import { detection, falseReverts, type Measured, realTraces, rowCosts } from "./tables.ts";
import type { RealData } from "./real-data.ts";
import { seededRandom } from "./random.ts";
import { healthyAccuracy, looksIn6h, requestsPerLook, traffic } from "./traffic.ts";

const sizes = { healthyRuns: 6, rivalRuns: 1, detectRuns: 48, splits: 60 };
const outcomesOf = (parts: readonly Part[], real?: RealData) =>
  runHere(cellsOf(sizes, real).filter(({ part }) => parts.includes(part)));
const missed = ({ goals }: Measured) => goals.filter(({ measured, most }) => !(measured <= most));

test("harm is found within the goals, 20 times as fast as by a failure limit at twice the size", () => {
  const { goals } = detection(outcomesOf(["detection"]), sizes);
  expect(goals.length).toBeGreaterThan(6);
  // The 95th percentile of so few runs is one of the three slowest: a fifth of room for that.
  expect(goals.filter(({ measured, most }) => !(measured <= 1.2 * most))).toEqual([]);
});

test("a later place in the row asks for more requests, and not for many times as many", () => {
  const isOwn = ({ part, key }: Cell) => part === "row" || key.startsWith("detection: Council");
  const { table } = rowCosts(runHere(cellsOf(sizes, undefined).filter(isOwn)));
  for (const [, ...cells] of table.rows) {
    const medians = cells.map((cell) => Number(cell.split(" / ")[0]?.replaceAll(",", "")));
    expect(medians).toEqual(medians.toSorted((a, b) => a - b));
    expect(medians.at(-1)! / medians[0]!).toBeLessThanOrEqual(3);
  }
});

test("healthy patches stay, and the fixed limits beside them do not", () => {
  const measured = falseReverts(outcomesOf(["false"]));
  expect(missed(measured)).toEqual([]);
  expect(measured.table.rows.find(([name]) => name === "Argo, failureLimit 0")?.[1]).toContain(
    "100 %",
  );
});

test("a series with trends and jumps, split in two, is no harm", () => {
  const random = seededRandom(7);
  const series = Array.from({ length: 4000 }, (_, at) => {
    const jump = at % 700 > 600 ? 3 : 1;
    return 50 * jump * (1.5 + Math.sin(at / 46)) * Math.exp(0.2 * random.normal());
  });
  const requestCosts = Array.from({ length: 8000 }, () => 4000 * Math.exp(0.6 * random.normal()));
  const real = { requestCosts, series: new Map([["made up", series]]) };
  const measured = realTraces(outcomesOf(["real"], real), real);
  expect(missed(measured)).toEqual([]);
});

test("fast and small", () => {
  expect(missed(speed(makePools(undefined), 300))).toEqual([]);
});

test("the simulated requests are what the tables say", () => {
  const pools = makePools(undefined);
  const looks = Array.from({ length: 60 }, traffic(pools, { latency: 2 }, 1));
  const all = (arm: "baseline" | "canary") => looks.flatMap((look) => look.latency[arm]);
  const middle = (values: number[]) => values.toSorted((a, b) => a - b)[values.length / 2] ?? 0;
  expect(all("canary")).toHaveLength(60 * requestsPerLook);
  expect(middle(all("canary")) / middle(all("baseline"))).toBeCloseTo(2, 0);
  const wrong = looks.flatMap((look) => look.accuracy.canary).filter((value) => value === 0);
  expect(wrong.length / (60 * requestsPerLook)).toBeCloseTo(1 - healthyAccuracy, 2);
  expect(looksIn6h * 10).toBe(6 * 3600);
});
