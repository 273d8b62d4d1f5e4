import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startArm } from "../arm.ts";
import { measureCoverage } from "../measure-coverage.ts";
import { questions } from "../questions.ts";
import { runGit } from "../run-git.ts";
import type { SampleRepository } from "../sample-repository.ts";
import { checkOut, makeSampleRepository } from "../sample-repository.ts";
import { demoPatches } from "./demo-patches.ts";
import { replaceOnce } from "./demo-patch.ts";

const execute = promisify(execFile);
let dir: string;
let repository: SampleRepository;
/** Checked out versions of the product by patch key; `base` is the sample as it is. */
const versions: Record<string, string> = {};

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "council-demo-test-"));
  repository = await makeSampleRepository(join(dir, "product"));
  versions["base"] = join(dir, "base");
  await checkOut(repository.bare, "main", versions["base"]);
  for (const patch of demoPatches) {
    const place = join(dir, patch.key);
    await checkOut(repository.bare, "main", place);
    const { diff } = await repository.draft(patch);
    await writeFile(`${place}.diff`, diff);
    await runGit(place, ["apply", `${place}.diff`]);
    versions[patch.key] = place;
  }
});
afterAll(() => rm(dir, { recursive: true, force: true }));

interface Measured {
  readonly accuracy: number;
  readonly medianMs: number;
  readonly costs: readonly number[];
}

const atOnce = 40;

/** Asks the version of the product questions, some at a time. */
async function measure(key: string, count: number): Promise<Measured> {
  const arm = await startArm(versions[key]!);
  const results: { isRight: boolean; ms: number; cost: number }[] = [];
  const ask = async (index: number) => {
    const known = questions[index % questions.length]!;
    const startedAt = performance.now();
    const url = `http://127.0.0.1:${arm.port}/answer?q=${encodeURIComponent(known.question)}`;
    const reply = (await (await fetch(url)).json()) as { answer: string; costMicroUsd: number };
    results[index] = {
      isRight: reply.answer === known.answer,
      ms: performance.now() - startedAt,
      cost: reply.costMicroUsd,
    };
  };
  try {
    for (let first = 0; first < count; first += atOnce)
      await Promise.all(
        Array.from({ length: Math.min(atOnce, count - first) }, (_, offset) => ask(first + offset)),
      );
  } finally {
    await arm.stop();
  }
  const times = results.map(({ ms }) => ms).toSorted((left, right) => left - right);
  return {
    accuracy: results.filter(({ isRight }) => isRight).length / results.length,
    medianMs: times[Math.floor(times.length / 2)]!,
    costs: results.map(({ cost }) => cost),
  };
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe("every version of the product", () => {
  test.each(["base", ...demoPatches.map(({ key }) => key)])(
    "%s passes its own tests",
    async (key) => {
      const env = { PATH: process.env["PATH"] };
      const ran = await execute(process.execPath, ["--test"], { cwd: versions[key]!, env });
      expect(ran.stdout).toMatch(/pass 1[1-9]/);
    },
  );
});

describe("the patches", () => {
  test("the good one changes neither accuracy nor cost", async () => {
    const [base, good] = [await measure("base", 80), await measure("good", 80)];
    expect(base.accuracy).toBe(1);
    expect(good.accuracy).toBe(1);
    expect(good.costs).toEqual(base.costs);
  });

  test("the slow one waits for each passage in turn", async () => {
    const [base, bad] = [await measure("base", 24), await measure("latency", 24)];
    expect(bad.medianMs).toBeGreaterThan(base.medianMs * 2);
    expect(bad.accuracy).toBe(1);
    expect(bad.costs).toEqual(base.costs);
  });

  test("the inaccurate one is wrong for the questions about symbols", async () => {
    const { accuracy } = await measure("accuracy", 44 * 2);
    expect(accuracy).toBeLessThan(0.85);
    expect(accuracy).toBeGreaterThan(0.6);
  });

  test.each(["base", "good", "latency", "accuracy", "cost"])("%s is fully tested", async (key) => {
    expect(await measureCoverage(versions[key]!)).toBe(1);
  });

  test("the untested one lowers coverage and nothing else", async () => {
    const [base, bad] = [await measure("base", 24), await measure("coverage", 24)];
    expect(bad.costs).toEqual(base.costs);
    expect(bad.accuracy).toBe(1);
    expect(await measureCoverage(versions["coverage"]!)).toBeLessThan(0.9);
  });

  test("the dear one costs as before for 400 questions, and more than twice as much after", async () => {
    const { costs, accuracy } = await measure("cost", 480);
    const [before, after] = [costs.slice(0, 330), costs.slice(410)];
    expect(mean(after)).toBeGreaterThan(mean(before) * 2);
    expect(Math.max(...before)).toBeLessThan(mean(before) * 1.2);
    expect(accuracy).toBe(1);
  });

  test("a task's recording and its agent change the same files, in another layout", async () => {
    const place = join(dir, "agent");
    await checkOut(repository.bare, "main", place);
    const agent = await readFile(join(import.meta.dirname, "agent.mjs"), "utf8");
    const task = join(dir, "task.json");
    const explanation = join(dir, "explanation.json");
    const patch = demoPatches.find(({ key }) => key === "good")!;
    await writeFile(task, JSON.stringify({ instructions: patch.instructions }));
    await execute(process.execPath, ["--input-type=module", "--eval", agent], {
      cwd: place,
      env: { COUNCIL_TASK_FILE: task, COUNCIL_EXPLANATION_FILE: explanation },
    });
    expect(JSON.parse(await readFile(explanation, "utf8"))).toHaveProperty("summary");
    const { files } = await repository.draft(patch);
    // Layout is what a formatter may change: white space and trailing commas.
    const bare = (text: string) => text.replaceAll(/\s+/g, "").replaceAll(/,(?=[)}])/g, "");
    for (const [path, recorded] of Object.entries(files)) {
      const rendered = await readFile(join(place, path), "utf8");
      expect(rendered).not.toBe(recorded);
      expect(bare(rendered)).toBe(bare(recorded));
    }
  });

  test("an edit that no longer fits the sample says so", () => {
    expect(() => replaceOnce("a b a", "a", "c")).toThrow("occurs 2 times");
    expect(() => replaceOnce("b", "a", "c")).toThrow("occurs 0 times");
  });
});
