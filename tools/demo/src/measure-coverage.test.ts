import { expect, test } from "vitest";
import { lineRatio } from "./measure-coverage.ts";

test("sums lines over files", () => {
  expect(lineRatio("SF:a.js\nLF:10\nLH:10\nend_of_record\nSF:b.js\nLF:30\nLH:20\n")).toBe(0.75);
});

test("nothing measured is no ratio (P3)", () => {
  expect(lineRatio("")).toBeUndefined();
  expect(lineRatio("LF:0\nLH:0\n")).toBeUndefined();
});
