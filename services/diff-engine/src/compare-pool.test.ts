import { afterEach, expect, test, vi } from "vitest";
import { type ComparePool, openComparePool } from "./compare-pool.ts";

vi.setConfig({ testTimeout: 60_000 });
const file = { path: "a.js", base: "a();\n", a: "b();\n", b: "c();\n" };
let pool: ComparePool | undefined;
afterEach(() => pool?.close());

test("compares in a worker thread", async () => {
  pool = openComparePool({ workers: 1, timeoutMs: 50_000 });
  const outcome = await pool.compare({ files: [file], hasB: true, thresholdRatio: 0.03 });
  expect(outcome).toMatchObject({
    kind: "compared",
    result: { comparison: { kind: "measured" }, report: { tier: "service" } },
  });
  const single = await pool.compare({ files: [file], hasB: false, thresholdRatio: 0.03 });
  expect(single.kind === "compared" && single.result.comparison).toBeUndefined();
});

test("P3: what takes too long is given up, and the next comparison is made all the same", async () => {
  pool = openComparePool({ workers: 1, timeoutMs: 1 });
  const job = { files: [file], hasB: true, thresholdRatio: 0.03 };
  expect(await pool.compare(job)).toEqual({ kind: "gave-up", reason: "not compared within 1 ms" });
  await pool.close();
  pool = openComparePool({ workers: 1, timeoutMs: 50_000 });
  expect((await pool.compare(job)).kind).toBe("compared");
});

test("P3: a worker that crashes measured nothing, and takes nobody with it", async () => {
  pool = openComparePool({ workers: 1, timeoutMs: 50_000 });
  const broken = { files: undefined as never, hasB: true, thresholdRatio: 0.03 };
  expect(await pool.compare(broken)).toMatchObject({
    kind: "gave-up",
    reason: expect.stringMatching(/^comparison crashed: /) as string,
  });
  expect((await pool.compare({ files: [file], hasB: true, thresholdRatio: 0.03 })).kind).toBe(
    "compared",
  );
});
