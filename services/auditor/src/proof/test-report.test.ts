import { expect, test } from "vitest";
import { reporting } from "./run-suite.ts";
import { countRun, readCoverage } from "./coverage.ts";
import { readTestReport } from "./test-report.ts";

const outcomes = (text: string) => [...(readTestReport(text)?.outcomes ?? [])];

test("JUnit: suites, failures, skips, names used twice, text that looks like tags", () => {
  const xml = `<?xml version="1.0"?><testsuites>
    <testcase name="a &gt; b" time="1"/>
    <testsuite name="sums"><testcase name="adds"><failure message="x > y"><![CDATA[<testcase name="no"/>]]></failure></testcase>
    <testcase name='adds'><skipped/></testcase></testsuite><testcase name="last"></testcase></testsuites>`;
  expect(outcomes(xml)).toEqual([
    ["a &gt; b", "passed"],
    ["sums > adds", "failed"],
    ["sums > adds (2)", "skipped"],
    ["last", "passed"],
  ]);
});

test("TAP: subtests, skips and todos", () => {
  const text = [
    "TAP version 13",
    "# Subtest: sums",
    "    # Subtest: adds",
    "    ok 1 - adds",
    "    not ok 2 - adds more",
    "not ok 1 - sums",
    "ok 2 - later # SKIP no time",
    "not ok 3 - some day # TODO",
    "1..3",
  ].join("\n");
  expect(outcomes(text)).toEqual([
    ["sums > adds", "passed"],
    ["sums > adds more", "failed"],
    ["sums", "failed"],
    ["later", "skipped"],
    ["some day", "skipped"],
  ]);
});

test("what is neither is no report", () => {
  expect(readTestReport("all good\nok then\n")).toBeUndefined();
  expect(outcomes(`<testsuites>${"<testcase ".repeat(50_000)}`)).toEqual([]);
});

test("coverage: what can run and what was run", () => {
  const coverage = readCoverage(
    "SF:/workspace/a.js\nDA:1,2\nDA:2,0\nDA:x\nend_of_record\nSF:b.js\nDA:1,1\n",
  );
  expect(countRun(coverage.get("a.js"), [1, 2, 3])).toEqual({ able: 2, run: 1 });
  expect(countRun(coverage.get("c.js"), [1])).toEqual({ able: 0, run: 0 });
});

test("Node's runner is told to report; other commands, and chosen reporters, stay as they are", () => {
  expect(reporting(["node", "--test", "src"])).toEqual(
    expect.arrayContaining(["--test-reporter=junit", "src"]),
  );
  expect(reporting(["node", "--test", "--test-reporter=tap"])).toHaveLength(3);
  expect(reporting(["npm", "test"])).toEqual(["npm", "test"]);
});
