import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { areIndependent, type Claim, claimOf } from "./claim.ts";
import { comparedOn } from "./patch/example.ts";
import type { Comparison } from "./patch/patch.ts";

const claim = (paths: readonly string[], changes: Partial<Claim> = {}): Claim => ({
  tier: "service",
  paths,
  symbols: [],
  uses: [],
  ...changes,
});

const cart = claim(["src/cart.js"], {
  symbols: ["total", "Cart.add"],
  uses: ["sum", "./money.js"],
});

describe("two patches are independent", () => {
  test("when neither touches a path or name of the other", () => {
    const search = claim(["src/search.js", "docs/search.md"], {
      symbols: ["find"],
      uses: ["rank"],
    });
    expect(areIndependent(cart, search)).toBe(true);
  });

  const dependent: readonly (readonly [string, Claim | undefined])[] = [
    ["one of them says nothing of itself", undefined],
    ["a path is the same", claim(["src/cart.js"])],
    ["a path is the same on a file system without case", claim(["SRC/Cart.js"])],
    ["a path of one is a folder of the other", claim(["src/cart.js/part.js"])],
    ["both change a symbol of one name", claim(["src/order.js"], { symbols: ["total"] })],
    ["both change members of one class", claim(["src/order.js"], { symbols: ["Cart.drop"] })],
    ["one calls what the other changes", claim(["src/order.js"], { uses: ["cart.total"] })],
    ["one imports what the other touches", claim(["src/order.js"], { uses: ["../src/cart.js"] })],
    ["one touches what the other imports", claim(["lib/money/index.js"])],
    ["one imports what nobody can tell", claim(["src/order.js"], { uses: ["(computed)"] })],
    ["one may do more than a service may", claim(["sql/a.sql"], { tier: "data" })],
  ];
  test.for(dependent)("not when %s", ([, other]) => {
    expect(areIndependent(cart, other)).toBe(false);
    expect(areIndependent(other, cart)).toBe(false);
  });

  test("not by top-level code or a default export alone, which every module has", () => {
    const names = { symbols: ["(module)", "default"] };
    expect(areIndependent(claim(["a.js"], names), claim(["b.js"], names))).toBe(true);
  });

  test("whoever is named first", () => {
    const word = fc.constantFrom("a", "b", "a/b", "a.b", "b.c", "(computed)", "A", "index.js");
    const names = fc.array(word, { maxLength: 3 });
    const any = fc.record({
      tier: fc.constantFrom("docs" as const, "service" as const, "destructive" as const),
      paths: names,
      symbols: names,
      uses: names,
    });
    fc.assert(
      fc.property(any, any, (one, other) => {
        const verdict = areIndependent(one, other);
        const haveCommonPath = one.paths.some((path) => other.paths.includes(path));
        expect(areIndependent(other, one)).toBe(verdict);
        expect(verdict && haveCommonPath).toBe(false);
      }),
    );
  });
});

describe("the claim of a compared patch", () => {
  const reach = { symbols: ["total"], uses: ["sum"] };
  const compared = (changes: Parameters<typeof comparedOn>[1] = {}) =>
    ({ ...comparedOn("b0", changes), reach }) as Comparison;

  test("is its tier, paths and reach", () => {
    expect(claimOf(compared())).toEqual({ tier: "service", paths: ["a.ts"], ...reach });
  });

  test("is unknown without a report, with a risky tier, or with more than can be compared", () => {
    expect(claimOf(undefined)).toBeUndefined();
    expect(claimOf({ kind: "refused", reason: "no" })).toBeUndefined();
    expect(claimOf(comparedOn("b0"))).toBeUndefined();
    expect(claimOf(compared({ tier: "destructive" }))).toBeUndefined();
    expect(claimOf(compared({ paths: [] }))).toBeUndefined();
    const many = Array.from({ length: 201 }, (_, at) => `${at}.ts`);
    expect(claimOf(compared({ paths: many }))).toBeUndefined();
  });
});
