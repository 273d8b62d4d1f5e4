import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { measureNoise, noiseText } from "./noise-command.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "council-noise-"));
});
afterAll(() => rm(dir, { recursive: true }));

async function measured(lines: readonly (object | string)[]) {
  const file = join(dir, "samples.ndjson");
  const text = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
  await writeFile(file, text.join("\n"));
  return measureNoise(file, 5);
}
const sample = (
  arm: string,
  value: number,
  at: number | string,
  metric = "latency",
  unit = "ms",
) => {
  return { patch: "p", metric, arm, value, unit, at };
};
/** Windows in which the canary is in turn so much slower and faster than the baseline. */
const windows = (count: number, spread: number) =>
  Array.from({ length: count }, (_, at) => at * 300_000).flatMap((at, index) => [
    sample("baseline", 90, at),
    sample("baseline", 110, new Date(at + 299_999).toISOString()),
    sample("canary", 100 * Math.exp(index % 2 === 0 ? spread : -spread), at + 7),
  ]);

test("the noise of two equal arms, and the tolerance it needs", async () => {
  const [latency, ...others] = await measured([
    ...windows(20, 0.2),
    "",
    sample("canary", 1, 1, "accuracy", "ratio"),
  ]);
  const sd = 0.2 * Math.sqrt(20 / 19);
  expect(others).toEqual([]);
  expect(latency).toMatchObject({ metric: "latency", windows: 20 });
  expect(latency?.armNoise).toBeCloseTo(sd, 12);
  expect(latency?.tolerance).toBeCloseTo(Math.expm1(2 * sd), 12);
  expect(noiseText(latency ? [latency] : [])).toContain("armNoise: 0.2052 from 20 windows");
});

test("P3: too few windows say nothing", async () => {
  const few = await measured(windows(9, 0.2));
  expect(few).toEqual([{ metric: "latency", windows: 9 }]);
  expect(noiseText(few)).toContain("ten are needed");
  expect(noiseText(await measured([]))).toContain("No samples");
});

test("a faulty line is named by its number", async () => {
  await expect(measured([...windows(1, 0), "{"])).rejects.toThrow("line 4: no sample");
  await expect(measured([sample("canary", 1, 1, "latency", "s")])).rejects.toThrow(
    "line 1: latency is measured in ms, not s",
  );
  await expect(measureNoise("x", Number.NaN)).rejects.toThrow("--minutes");
  await expect(measureNoise(join(dir, "none"), 5)).rejects.toThrow("ENOENT");
});
