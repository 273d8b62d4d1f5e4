import { describe, expect, test } from "vitest";
import { matchesPattern, matchesPatternInAnyCase } from "./path-pattern.ts";

describe("patterns of paths", () => {
  test.each([
    ["src/a.ts", "src/a.ts", true],
    ["src/a.ts", "src/*.ts", true],
    ["src/deep/a.ts", "src/*.ts", false],
    ["src/deep/a.ts", "src/**", true],
    ["src/deep/er/a.ts", "src/**/a.ts", true],
    ["src/a.ts", "src/**/a.ts", true],
    ["a.ts", "**/a.ts", true],
    ["anything/at/all", "**", true],
    ["src/ab.ts", "src/a?.ts", true],
    ["src/a.ts", "src/a?.ts", false],
    ["src/a.js", "src/*.{ts,js}", true],
    ["src/a.md", "src/*.{ts,js}", false],
    ["srcx/a.ts", "src/**", false],
    ["src/a.ts", "!src/b.ts", false],
    ["src/a.ts", "src/[ab].ts", false],
    ["src/a.tsx", "src/*.ts", false],
    ["src/aXbXc", "src/a*b*c", true],
    ["src/aXbX", "src/a*b*c", false],
    ["", "src", false],
  ])("%s under %s: %s", (path, pattern, expected) => {
    expect(matchesPattern(path, pattern)).toBe(expected);
  });

  test("P10: nothing hides behind a name that begins with a dot, or behind its case", () => {
    expect(matchesPattern(".council/.hidden/policy.yml", ".council/**")).toBe(true);
    expect(matchesPattern(".config/deep/.npmrc", "**/.npmrc")).toBe(true);
    expect(matchesPatternInAnyCase(".Council/Policy.YML", ".council/**")).toBe(true);
    expect(matchesPattern(".Council/x", ".council/**")).toBe(false);
  });

  test("hostile patterns match nothing, or match, but never take long", () => {
    const startedAt = performance.now();
    const path = "a/".repeat(99) + "b".repeat(4000);
    expect(matchesPattern("a".repeat(40), "{a,b}".repeat(60))).toBe(false);
    expect(matchesPattern("a".repeat(40), "{".repeat(300))).toBe(false);
    expect(matchesPattern(path, `${"**/a/".repeat(14)}*c`)).toBe(false);
    expect(matchesPattern(path, `**/${"*b".repeat(140)}c`)).toBe(false);
    expect(matchesPattern("a/".repeat(3000), "**")).toBe(false);
    expect(matchesPattern("a".repeat(40), `+(${"a+".repeat(30)})b`)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});
