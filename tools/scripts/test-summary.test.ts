import { describe, expect, test } from "vitest";
import { countsOf, createNxReader, hasPassed, parseTestsLine, totalOf } from "./test-summary.ts";
import type { ProjectOutput } from "./test-summary.ts";

const green = { passed: 12, failed: 0, skipped: 0 };

function readAll(text: string): readonly ProjectOutput[] {
  const projects: ProjectOutput[] = [];
  const reader = createNxReader((project) => projects.push(project));
  for (const line of text.split("\n")) reader.read(line);
  reader.end();
  return projects;
}

describe("vitest's summary line", () => {
  test.each([
    ["      Tests  12 passed (12)", green],
    ["      Tests  1 failed | 11 passed (12)", { passed: 11, failed: 1, skipped: 0 }],
    [
      "  Tests  2 failed | 3 passed | 4 skipped | 5 todo (14)",
      { passed: 3, failed: 2, skipped: 9 },
    ],
    ["      Tests  3 failed (3)", { passed: 0, failed: 3, skipped: 0 }],
    ["      Tests  no tests", { passed: 0, failed: 0, skipped: 0 }],
    [
      "\u001b[2m      Tests \u001b[22m \u001b[1m\u001b[32m12 passed\u001b[39m\u001b[22m (12)",
      green,
    ],
  ])("%j", (line, counts) => {
    expect(parseTestsLine(line)).toEqual(counts);
  });

  test.each([
    " Test Files  1 passed (1)",
    "   ✓ Tests are 3 passed 1ms",
    "Tests 12 passed, says a log line",
    "",
  ])("%j is not it", (line) => {
    expect(parseTestsLine(line)).toBeUndefined();
  });
});

describe("output of nx", () => {
  const output = [
    " NX   Running target test for 3 projects:",
    "- @council/a",
    "",
    "> nx run @council/a:test  [existing outputs match the cache, left as is]",
    "      Tests  4 passed (4)",
    "   Duration  218ms (transform 39%)",
    "> nx run @council/b:test",
    "      Tests  1 failed | 1 passed (2)",
    "npm error code 1",
    "> nx run @council/c:test",
    "Error: no such file",
    "",
    " NX   Running target test for 3 projects failed",
    "      Tests  99 passed (99)",
  ].join("\n");

  test("each project is reported once, in order, replayed from the cache or not", () => {
    expect(
      readAll(output).map(({ project, isCached, counts }) => ({ project, isCached, counts })),
    ).toEqual([
      { project: "@council/a", isCached: true, counts: { passed: 4, failed: 0, skipped: 0 } },
      { project: "@council/b", isCached: false, counts: { passed: 1, failed: 1, skipped: 0 } },
      { project: "@council/c", isCached: false, counts: undefined },
    ]);
  });

  test("a project keeps its lines and its duration, and nothing after nx's own summary", () => {
    const [first, , last] = readAll(output);
    expect(first?.durationText).toBe("218ms");
    expect(last?.lines).toEqual(["Error: no such file", ""]);
  });
});

test("a project passed only if it was summed up, without a failure, and its script ended well", () => {
  const block = (...lines: string[]) =>
    readAll(["> nx run @council/a:test  [local cache]", ...lines].join("\n")).map(hasPassed);
  expect(block("      Tests  4 passed (4)")).toEqual([true]);
  expect(block("      Tests  1 failed | 3 passed (4)")).toEqual([false]);
  expect(block("Terminated")).toEqual([false]);
  expect(block("      Tests  4 passed (4)", "npm error code 1")).toEqual([false]);
});

test("a project that failed without a failing test counts as one failure", () => {
  const [cut] = readAll("> nx run @council/a:test\nTerminated").map(countsOf);
  expect(cut).toEqual({ passed: 0, failed: 1, skipped: 0 });
  const [red] = readAll("> nx run @council/a:test\n Tests  2 failed (2)").map(countsOf);
  expect(red).toEqual({ passed: 0, failed: 2, skipped: 0 });
});

test("a project without a test that the filter lets through is empty, not failed", () => {
  const [empty] = readAll("> nx run @council/a:test\n\nNo test files found, exiting with code 0");
  expect(empty?.counts).toEqual({ passed: 0, failed: 0, skipped: 0 });
  const [failed] = readAll("> nx run @council/a:test\n\nNo test files found, exiting with code 1");
  expect(failed?.counts).toBeUndefined();
});

describe("the total", () => {
  test("adds the projects up", () => {
    expect(totalOf([green, { passed: 1, failed: 2, skipped: 3 }], 0)).toEqual({
      passed: 13,
      failed: 2,
      skipped: 3,
    });
  });

  test("a failure without a failing test still counts", () => {
    expect(totalOf([green], 2).failed).toBe(2);
  });
});
