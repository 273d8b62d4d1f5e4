import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalBytes, digestOf, sha256Hex, tryCanonicalBytes } from "./canonical.ts";

const text = (value: unknown): string => Buffer.from(canonicalBytes(value)).toString("utf8");

describe("canonical bytes", () => {
  test("the example of RFC 8785 section 3.2", () => {
    const input = {
      numbers: [Number("333333333.33333329"), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\u002f",
      literals: [null, true, false],
    };
    expect(text(input)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  test("keys sort by UTF-16 code unit, as in RFC 8785 section 3.2.3", () => {
    const keys = ["\u20ac", "\r", "\ufb33", "1", "\ud83d\ude00", "\u0080", "\u00f6"];
    const sorted = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\ud83d\ude00", "\ufb33"];
    expect(
      Object.keys(JSON.parse(text(Object.fromEntries(keys.map((k) => [`_${k}`, 0])))) as object),
    ).toEqual(sorted.map((k) => `_${k}`));
  });

  test("digest of a known document", () => {
    expect(digestOf({})).toBe(sha256Hex("{}"));
    expect(sha256Hex("abc")).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  });

  test("key order and absent properties do not change the digest", () => {
    expect(digestOf({ a: 1, b: 2 })).toBe(digestOf({ b: 2, a: 1, c: undefined }));
  });

  test.each([
    ["undefined", undefined, "undefined"],
    ["NaN deep inside", { a: [{ b: Number.NaN }] }, "non-finite-number"],
    ["Infinity", Number.POSITIVE_INFINITY, "non-finite-number"],
    ["bigint", { a: 1n }, "not-json"],
    ["function", { a: () => 1 }, "not-json"],
    ["symbol", [Symbol("a")], "not-json"],
    ["Map", { a: new Map([[1, 2]]) }, "not-json"],
    ["Date", { at: new Date(0) }, "not-json"],
    ["bytes", Uint8Array.of(1), "not-json"],
    ["toJSON", { toJSON: () => 1 }, "not-json"],
    ["undefined in an array", [undefined], "undefined"],
    // oxlint-disable-next-line no-sparse-arrays
    ["hole in an array", [1, , 2], "undefined"],
    ["lone surrogate", { a: "\ud800" }, "lone-surrogate"],
    ["lone surrogate in a key", { "\udfff": 1 }, "lone-surrogate"],
  ])("%s is refused", (_name, value, reason) => {
    expect(tryCanonicalBytes(value)).toEqual({ kind: "refused", reason });
    expect(() => canonicalBytes(value)).toThrow(reason);
  });

  test("a cycle is refused and a shared object is not", () => {
    const cyclic: Record<string, unknown> = { a: {} };
    cyclic["a"] = [cyclic];
    expect(tryCanonicalBytes(cyclic)).toEqual({ kind: "refused", reason: "circular" });
    const shared = { x: 1 };
    expect(text([shared, shared])).toBe('[{"x":1},{"x":1}]');
  });

  test("nesting a hundred thousand deep is no stack overflow", () => {
    const deep: unknown = JSON.parse("[".repeat(100_000) + "]".repeat(100_000));
    expect(text(deep)).toHaveLength(200_000);
  });

  test("property: bytes parse back to the same value and are a fixed point", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const outcome = tryCanonicalBytes(value);
        // Generated strings may hold lone surrogates; those have no canonical form.
        if (outcome.kind === "refused") return outcome.reason === "lone-surrogate";
        const parsed: unknown = JSON.parse(Buffer.from(outcome.bytes).toString("utf8"));
        // Negative zero is written as zero, by the RFC.
        expect(JSON.stringify(sorted(parsed))).toBe(JSON.stringify(sorted(value)));
        return Buffer.from(canonicalBytes(parsed)).equals(outcome.bytes);
      }),
    );
  });
});

function sorted(value: unknown): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(sorted);
  const entries = Object.entries(value) as [string, unknown][];
  return entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, sorted(v)]);
}
