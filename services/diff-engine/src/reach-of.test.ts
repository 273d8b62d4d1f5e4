import { type ChangedFile, reportChange } from "@council/ast-diff";
import { comparisonSchema, reachLimits } from "@council/contracts";
import { expect, test } from "vitest";
import { reachOf } from "./reach-of.ts";

const reach = async (...files: ChangedFile[]) => reachOf(await reportChange({ files }));
const changed = (base: string, candidate: string, path = "src/cart.js") => ({
  path,
  base,
  candidate,
});

test("names what a change touches and newly uses, under old and new names", async () => {
  const base = "export function total(a) {\n  return a;\n}\n";
  const candidate =
    'import { sum } from "./sum.js";\nexport function amount(a) {\n  return sum(a);\n}\n';
  expect(await reach(changed(base, candidate))).toEqual({
    symbols: expect.arrayContaining(["amount", "total"]) as string[],
    uses: ["./sum.js", "sum"],
  });
});

test("is unknown where something could not be read", async () => {
  expect(await reach(changed("let a;", "let a = (;"))).toBeUndefined();
  expect(await reach(changed("a", "b", "picture.xyz"))).toBeUndefined();
});

test("is unknown with more or longer names than are kept; at the limit it passes the contract", async () => {
  const { names, length } = reachLimits;
  const calls = (count: number) => Array.from({ length: count }, (_, at) => `f${at}();`).join("\n");
  const most = await reach(changed("", calls(names)));
  expect(most?.uses).toHaveLength(names);
  expect(await reach(changed("", calls(names + 1)))).toBeUndefined();
  expect(await reach(changed("", `${"x".repeat(length + 1)}();`))).toBeUndefined();
  const git = "a".repeat(40);
  const sha = "b".repeat(64);
  const ids = { base: git, tree: git, diff: sha, digest: sha, semanticDigest: sha };
  const candidate = { ...ids, tier: "service", riskTags: [], paths: ["src/cart.js"] };
  const variance = { kind: "unknown", reason: "one render" };
  const comparison = { kind: "compared", candidate, variance, critical: [], reach: most };
  expect(comparisonSchema.safeParse(comparison).success).toBe(true);
});
