import assert from "node:assert/strict";
import { test } from "node:test";
import { buildPrompt, priceOf } from "../src/prompt.js";

test("the prompt holds the passages and the question", () => {
  const prompt = buildPrompt("Why?", [{ text: "Because." }]);
  assert.match(prompt, /- Because\./);
  assert.match(prompt, /Question: Why\?$/);
});

test("four characters are a token, a begun token counts", () => {
  assert.equal(priceOf("12345678"), 6);
  assert.equal(priceOf("123456789"), 9);
});
