import { expect, test } from "vitest";
import { faults, shortDrill } from "@council/drill";
import { readDrillOptions } from "./drill-command.ts";

const usual = { repeat: 1, seed: 7, reports: "reports" };

test("without a choice the short drill runs, with --comprehensive all of it", () => {
  expect(readDrillOptions(usual).faults).toEqual(shortDrill);
  expect(readDrillOptions({ ...usual, comprehensive: true }).faults).toHaveLength(faults.length);
  expect(readDrillOptions({ ...usual, type: ["cost"] }).faults).toEqual(["cost"]);
});

test("options that do not go together are refused with what to do", () => {
  expect(() => readDrillOptions({ ...usual, pr: "a.diff" })).toThrow("give both, or neither");
  const both = { ...usual, type: ["cost"], comprehensive: true };
  expect(() => readDrillOptions(both)).toThrow("exclude each other");
});

test("a diff of one's own comes with its repository and the words of its tests", () => {
  const given = { ...usual, pr: "/a.diff", repository: "/shop", test: "npm  test" };
  expect(readDrillOptions(given).own).toEqual({
    diffFile: "/a.diff",
    repository: "/shop",
    testCommand: ["npm", "test"],
  });
});
