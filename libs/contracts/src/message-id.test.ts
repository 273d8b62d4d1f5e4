import { expect, test } from "vitest";
import { idAfter } from "./message-id.ts";

test("a message is named after its cause and its place among what followed", () => {
  expect(idAfter("m1", "0")).toBe("m1.0");
});

test("P1: a chain of any length has short ids, the same each time and no two alike", () => {
  const chain = (parts: readonly string[]) => parts.reduce(idAfter, "m1");
  const parts = Array.from({ length: 500 }, (_, at) => (at % 3 === 0 ? "r" : "0"));
  const ids = parts.map((_, at) => chain(parts.slice(0, at)));
  expect(Math.max(...ids.map((id) => id.length))).toBeLessThanOrEqual(150);
  expect(new Set(ids).size).toBe(ids.length);
  expect(chain(parts)).toBe(chain([...parts]));
  expect(chain(["0", ...parts])).not.toBe(chain(["1", ...parts]));
});
