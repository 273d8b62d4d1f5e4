import { describe, expect, test } from "vitest";
import { calibrateTolerance } from "./calibrate-tolerance.ts";
import { beginDiscoveries, discover } from "./e-lond.ts";

describe("e-LOND", () => {
  const follow = (logs: readonly number[]) => {
    let state = beginDiscoveries(0.1);
    return logs.map((log) => {
      const { after, isDiscovery } = discover(state, log);
      state = after;
      return isDiscovery;
    });
  };

  test("a patch needs more the later it comes, and less after discoveries", () => {
    expect(discover(beginDiscoveries(0.1), 0).neededLog).toBeCloseTo(Math.log(20));
    expect(follow([Math.log(20), Math.log(30), Math.log(29)])).toEqual([true, true, false]);
    expect(follow([0, Math.log(59), Math.log(121)])).toEqual([false, false, true]);
  });

  test("the levels of all patches together never exceed alpha without a discovery", () => {
    let [state, spent] = [beginDiscoveries(0.1), 0];
    for (let at = 0; at < 10_000; at += 1) {
      const { after, neededLog } = discover(state, 0);
      [state, spent] = [after, spent + Math.exp(-neededLog)];
    }
    expect(spent).toBeLessThanOrEqual(0.1);
    expect(spent).toBeGreaterThan(0.0999);
  });
});

describe("calibrateTolerance", () => {
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
});
