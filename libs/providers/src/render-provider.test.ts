import { expect, it } from "vitest";
import { EXPLANATION_MAX_LENGTH, parseExplanation } from "./render-provider.ts";

it("trims an explanation and keeps it up to the limit", () => {
  const longest = "x".repeat(EXPLANATION_MAX_LENGTH);
  expect(parseExplanation({ summary: " a\n", intent: longest })).toEqual({
    summary: "a",
    intent: longest,
  });
});

it.each([
  [null],
  [[]],
  ["summary"],
  [{ summary: "a" }],
  [{ summary: "a", intent: " " }],
  [{ summary: "a", intent: "\ud800" }],
  [{ summary: "a", intent: "b", extra: 1 }],
  [{ summary: "a", other: "b" }],
  [{ summary: "a".repeat(EXPLANATION_MAX_LENGTH + 1), intent: "b" }],
])("takes %j for no explanation", (value) => {
  expect(parseExplanation(value)).toBeUndefined();
});
