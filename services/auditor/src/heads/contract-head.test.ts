import type { ActionSheet } from "@council/domain";
import { describe, expect, test } from "vitest";
import type { AuditedFile } from "../audited-change.ts";
import { changeOf, fileOf } from "../example.ts";
import { contractHead } from "./contract-head.ts";

function judge(sheet: ActionSheet | undefined, ...files: AuditedFile[]) {
  const change = changeOf(...files);
  const patch = sheet ? { ...change.patch, sheet } : change.patch;
  return contractHead.judge({ ...change, patch }, new AbortController().signal);
}
const code = (path: string) => fileOf(path, "export const a = 2;\n", "export const a = 1;\n");

describe("what was declared", () => {
  test("P3: without a declaration there is nothing to hold the change to", async () => {
    expect(await judge(undefined, code("src/a.ts"))).toMatchObject({ verdict: "abstain" });
  });

  test("a change within its declaration is approved; `**` declares everything", async () => {
    for (const paths of [["src/**"], ["docs/*", "src/a.ts"], ["**"], ["src/*.{ts,js}"]])
      expect(await judge({ paths }, code("src/a.ts"))).toEqual({
        verdict: "approve",
        findings: [],
      });
    expect(await judge({ paths: ["**"] }, fileOf(".hidden/x.md", "x"))).toMatchObject({
      verdict: "approve",
    });
  });

  test("P10: one path beyond it is a veto, also one that is only deleted", async () => {
    const files = [code("src/a.ts"), fileOf("lib/b.ts", undefined, "x")];
    const { verdict, findings } = await judge({ paths: ["src/**"] }, ...files);
    expect(verdict).toBe("reject");
    expect(findings).toEqual([
      expect.objectContaining({ ruleId: "undeclared-path", isHard: true, path: "lib/b.ts" }),
    ]);
  });

  test("hostile patterns declare nothing and take no time", async () => {
    const startedAt = performance.now();
    const paths = [
      "{a,b}".repeat(60),
      `${"*a".repeat(149)}b`,
      "+(a+)+".repeat(50),
      "(".repeat(300),
    ];
    const { verdict } = await judge({ paths }, code("a".repeat(3000)));
    expect(verdict).toBe("reject");
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  test("a tier above the declared one is a veto; at most the declared one is fine", async () => {
    const migration = fileOf("migrations/2.sql", "DROP TABLE users;\n");
    const beyond = await judge({ paths: ["**"], tier: "service" }, migration);
    expect(beyond.findings[0]).toMatchObject({ ruleId: "beyond-declared-tier", isHard: true });
    expect(await judge({ paths: ["**"], tier: "data" }, migration)).toMatchObject({
      verdict: "approve",
    });
    expect(await judge({ paths: ["**"], tier: "service" }, code("src/a.ts"))).toMatchObject({
      verdict: "approve",
    });
  });

  test("P3: two sides that cannot be read do not pass for unchanged", async () => {
    const { before: _b, after: _a, ...unreadable } = code("src/a.ts");
    const { verdict } = await judge({ paths: ["**"], tier: "docs" }, unreadable);
    expect(verdict).toBe("reject");
  });
});
