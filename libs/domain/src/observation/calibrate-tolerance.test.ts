import { expect, test } from "vitest";
import { calibrateTolerance } from "./calibrate-tolerance.ts";

const windows = (spread: number) =>
  Array.from({ length: 20 }, (_, at) => {
    return { baseline: 100, canary: 100 * Math.exp(at % 2 === 0 ? spread : -spread) };
  });

test("twice the standard deviation of the log ratio, and never below a tenth", () => {
  const sd = 0.2 * Math.sqrt(20 / 19);
  expect(calibrateTolerance(windows(0.2))).toBeCloseTo(Math.expm1(2 * sd), 12);
  expect(calibrateTolerance(windows(0.01))).toBe(0.1);
});

test("P3: too few windows, or windows of nothing, say nothing", () => {
  expect(calibrateTolerance(windows(0.2).slice(0, 9))).toBeUndefined();
  expect(
    calibrateTolerance(windows(0.2).map(({ baseline }) => ({ baseline, canary: 0 }))),
  ).toBeUndefined();
});
