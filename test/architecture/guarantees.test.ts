import { describe, expect, it } from "vitest";
import { readPackages, readSources } from "./source-tree.ts";

const files = readPackages().flatMap(readSources);
const guarantees = ["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P10", "P11"];
const titles = files
  .filter(({ path }) => path.endsWith(".test.ts") || /\/conformance(\.ts$|\/)/.test(path))
  .flatMap(({ text }) => [
    ...text.matchAll(/\b(?:it|test|describe)\b(?:\.\w+)*(?:\([^()]*\))?\(\s*(["'`])([\s\S]*?)\1/g),
  ])
  .map((match) => match[2] ?? "");

describe.each(guarantees)("guarantee %s", (name) => {
  const cited = new RegExp(`\\b${name}\\b`);

  it("is cited where the code upholds it", () => {
    const upholding = files.filter(({ isTest, text }) => !isTest && cited.test(text));
    expect(upholding.map(({ path }) => path)).not.toEqual([]);
  });

  it("stands in the title of a test", () => {
    expect(titles.filter((title) => cited.test(title))).not.toEqual([]);
  });
});
